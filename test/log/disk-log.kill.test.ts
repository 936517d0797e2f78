import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { TYPESCRIPT } from "../../scripts/lib/typescript.mjs";
import { diskLog } from "../../src/log/disk.ts";
import { LogBench, LogTestHost } from "../../src/testing/log-bench.ts";

const PROGRAM = fileURLToPath(new URL("appending-process.ts", import.meta.url));
const RUNS = 4;

/** What a process said until it was killed. */
interface Said {
  readonly epoch: string;
  readonly head: number;
  /** Offset and body of what it was told. */
  readonly told: [number, string][];
}

/** Lets it run until it has been told so many times, and kills it some moment later. */
async function runAndKill(path: string, run: number, enough: number, moments: number): Promise<Said> {
  const child = spawn(process.execPath, [...TYPESCRIPT, PROGRAM, path, `${run}`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  let lines = 0;
  let isKilling = false;
  child.stdout.setEncoding("utf8");
  child.stdout.on("data", (piece: string) => {
    text += piece;
    lines += piece.split("\n").length - 1;
    if (isKilling || lines < enough) return;
    isKilling = true;
    for (const end = performance.now() + moments; performance.now() < end;);
    child.kill("SIGKILL");
  });
  await new Promise((resolve) => child.once("close", resolve));
  // A line that was cut was not said.
  const whole = text.split("\n").slice(0, -1);
  const said = (word: string): string[] =>
    whole.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  assert.deepEqual(said("error"), []);
  const told = said("told").map((line): [number, string] => {
    const [offset = ""] = line.split(" ", 1);
    return [Number(offset), line.slice(offset.length + 1)];
  });
  return { epoch: said("epoch")[0]!, head: Number(said("head")[0]), told };
}

test("killed at any moment, it has lost nothing that it told, invented nothing, and mixed up nothing", async () => {
  const path = mkdtempSync(join(tmpdir(), "switchboard-log-kill-"));
  try {
    const bodies = new Map<number, string>();
    let state = 42;
    const random = (below: number): number => (state = (state * 16_807) % 2_147_483_647) % below;
    let epoch: string | undefined;
    for (let run = 0; run < RUNS; run++) {
      const said = await runAndKill(path, run, 1 + random(2000), random(8));
      epoch ??= said.epoch;
      assert.equal(said.epoch, epoch);
      for (const [offset, body] of said.told) bodies.set(offset, body);

      const host = new LogTestHost();
      const logs = await diskLog({ path, maxMemoryBytes: 10_000 });
      const log = logs("/n", host);
      const found = await new LogBench(log, host).readAll({ rooms: ["a"] });
      assert.equal(log.epoch, epoch);
      assert.deepEqual(
        found.map(({ offset }) => offset),
        Array.from({ length: log.head }, (_, index) => index + 1),
      );
      for (const [offset, body] of bodies) assert.equal(found[offset - 1]?.body, body);
      // Of each run an unbroken beginning is there, and the seat says how far it goes.
      const ofRun = found
        .filter(({ offset }) => offset > said.head)
        .map(({ body }) => JSON.parse(body) as unknown[]);
      assert.deepEqual(
        ofRun.map(([of, sequence]) => [of, sequence]),
        ofRun.map((_, index) => [`${run}`, index + 1]),
      );
      assert.equal((await log.takeSeat("key"))?.record.sequence, ofRun.length);
      log.dropSeat("key", Infinity);
      await logs.close();
      assert.deepEqual(host.errors, []);
    }
  } finally {
    rmSync(path, { recursive: true });
  }
});
