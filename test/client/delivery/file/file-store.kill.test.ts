import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { TYPESCRIPT } from "../../../../scripts/lib/typescript.mjs";
import { delivery } from "../../../../src/client/delivery/index.ts";
import { fileStore } from "../../../../src/client/delivery/file/index.ts";
import { startServer, undoAfter } from "../../../support/fixture.ts";
import { nodeClient } from "../../../support/node-client.ts";
import { SeededRandom } from "../../../../src/testing/seeded-random.ts";
import { until } from "../../../support/until.ts";

const PROGRAM = fileURLToPath(new URL("emitting-process.ts", import.meta.url));
const RUNS = 4;

/** Lets it run until it has said so often that something is kept, and kills it some moment later; returns up to which value all were. */
async function runAndKill(
  url: string,
  path: string,
  run: number,
  enough: number,
  moments: number,
): Promise<number> {
  const child = spawn(process.execPath, [...TYPESCRIPT, PROGRAM, url, path, `${run}`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  let isKilling = false;
  child.stdout.setEncoding("utf8");
  child.stdout.on("data", (piece: string) => {
    text += piece;
    if (isKilling || text.split("\n").length <= enough) return;
    isKilling = true;
    for (const end = performance.now() + moments; performance.now() < end;);
    child.kill("SIGKILL");
  });
  await new Promise((resolve) => child.once("close", resolve));
  // A line that was cut was not said.
  const lines = text.split("\n").slice(0, -1);
  assert.deepEqual(
    lines.filter((line) => !/^kept \d+$/.test(line)),
    [],
  );
  return Number(lines.at(-1)!.slice("kept ".length));
}

test("killed at any moment, a process has each event that was kept handled once and in order by the next", async (t) => {
  const path = await mkdtemp(join(tmpdir(), "switchboard-outbox-"));
  undoAfter(t, () => rm(path, { recursive: true, force: true }));
  const { io, url } = await startServer(t, { delivery: true });
  const handled: number[][] = Array.from({ length: RUNS }, () => []);
  let newest = 0;
  io.on("connection", (socket) => {
    socket.on("n", (run: number, value: number, bytes: Uint8Array) => {
      assert.ok(run >= newest, "order of the runs");
      newest = run;
      assert.ok(bytes.length === value % 900 && bytes.every((byte) => byte === value % 256), "bytes");
      handled[run]!.push(value);
    });
  });
  const random = new SeededRandom(11);
  const kept: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const enough = 1 + Math.floor(random.fraction() * 150);
    kept.push(await runAndKill(url, path, run, enough, random.fraction() * 8));
  }

  const store = fileStore({ path });
  undoAfter(t, () => store.close());
  const socket = nodeClient(t, url, { transports: ["websocket"], delivery: delivery({ store }) });
  await until(() => socket.connected && socket.bufferedEvents === 0);
  for (const [run, values] of handled.entries()) {
    assert.deepEqual(
      values,
      Array.from({ length: values.length }, (_, at) => at + 1),
      `run ${run}`,
    );
    assert.ok(values.length >= kept[run]!, `run ${run}: ${values.length} of ${kept[run]}`);
  }
  t.diagnostic(
    `${handled.map(({ length }) => length).join(" + ")} events; said to be kept: ${kept.join(" + ")}`,
  );
});
