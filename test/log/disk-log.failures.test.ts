import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { TYPESCRIPT } from "../../scripts/lib/typescript.mjs";
import { diskLog, type DiskLogs } from "../../src/log/disk.ts";
import type { Log } from "../../src/sockets/log.ts";
import { entryOf, LogBench, seatOf } from "../../src/testing/log-bench.ts";
import { filesOf, newPath, open, opened } from "./disk-folders.ts";

test("a folder is for one at a time, and free when that one is closed", async () => {
  const path = newPath();
  const { logs } = await open(path);
  await assert.rejects(diskLog({ path }), { name: "LogError", code: "LOG_IN_USE" });
  await logs.close();
  await open(path);
});

test("who waits for a folder has it as soon as it is free, or hears in time that it is not", async () => {
  const path = newPath();
  const { log, logs, bench } = await open(path);
  await bench.appendAll(entryOf("x"));
  await assert.rejects(diskLog({ path, waitMs: 60 }), { code: "LOG_IN_USE" });
  const waiting = open(path, { waitMs: 60_000 });
  // Until this is refused, the other one is, too.
  await assert.rejects(diskLog({ path, waitMs: 60 }), { code: "LOG_IN_USE" });
  await logs.close();
  const next = await waiting;
  assert.deepEqual([next.log.epoch, next.log.head], [log.epoch, log.head]);
  for (const waitMs of [-1, NaN]) await assert.rejects(diskLog({ path, waitMs }), RangeError);
});

test("a folder is for one process, and free when that one is killed", async () => {
  const path = newPath();
  const program = fileURLToPath(new URL("appending-process.ts", import.meta.url));
  const child = spawn(process.execPath, [...TYPESCRIPT, program, path], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise((resolve) => child.stdout.once("data", resolve));
  await assert.rejects(diskLog({ path }), { name: "LogError", code: "LOG_IN_USE" });
  const gone = new Promise((resolve) => child.once("close", resolve));
  child.stdout.resume();
  child.kill("SIGKILL");
  await gone;
  await open(path);
});

test("a folder that can't be made is an error that says so", async () => {
  const path = join(newPath(), "below");
  writeFileSync(dirname(path), "a file");
  await assert.rejects(diskLog({ path }), { name: "LogError", code: "LOG_OPEN_FAILED" });
});

test("keys of seats are not on disk", async () => {
  const path = newPath();
  const { log, logs, bench } = await open(path);
  log.saveSeat("a-very-secret-key", seatOf(1), 1);
  await bench.appendAll(entryOf("x"));
  await logs.close();
  for (const file of filesOf(path, "")) assert.ok(!readFileSync(file).includes("a-very-secret-key"), file);
});

test("namespaces in one folder do not see each other, and come back each with its own", async () => {
  const path = newPath();
  const names = ["/", "/n", "__proto__", "\ud800", "\ud801", ""];
  const { logs, host } = await open(path);
  const log = (of: DiskLogs, name: string): Log => (name === "/n" ? opened[0]! : of)(name, host);
  await logs.close();
  const first = await diskLog({ path });
  opened.splice(0, 1, first);
  const epochs: string[] = [];
  for (const [index, name] of names.entries()) {
    const bench = new LogBench(log(first, name), host);
    for (let more = 0; more <= index; more++)
      await bench.appendAll(entryOf(`${name} ${more}`, { rooms: ["a"] }));
    bench.log.saveSeat("key", seatOf(index), 1);
    epochs.push(bench.log.epoch);
  }
  assert.throws(() => first("/", host), { code: "LOG_IN_USE" });
  await first.close();
  const second = await diskLog({ path });
  opened.splice(0, 1, second);
  for (const [index, name] of names.entries()) {
    const again = log(second, name);
    assert.deepEqual([again.epoch, again.head], [epochs[index], index + 1]);
    assert.equal((await again.takeSeat("key"))?.record.sequence, index);
    assert.equal((await again.readLast("a", 1))[0]!.body, `["${name} ${index}"]`);
  }
});

test("a log that is closed can be opened again, as it was", async () => {
  const path = newPath();
  const { log, logs, bench, host } = await open(path);
  await bench.appendAll(entryOf("x"));
  log.saveSeat("key", seatOf(3), 1);
  await log.close();
  const again = logs("/n", host);
  assert.deepEqual([again.epoch, again.head], [log.epoch, 1]);
  assert.equal((await again.takeSeat("key"))?.record.sequence, 3);
  await logs.close();
  assert.throws(() => logs("/other", host), { code: "LOG_CLOSED" });
  assert.equal((await open(path)).log.head, 1);
});

test("what is let go of gives its space back", async () => {
  const path = newPath();
  const { bench, logs } = await open(path, { maxBytes: 2e6, maxMemoryBytes: 1e5 });
  const noise = (): string => JSON.stringify(Array.from({ length: 250 }, () => Math.random()));
  for (let round = 0; round < 40; round++) {
    await bench.appendAll(...Array.from({ length: 50 }, () => entryOf("x", { body: noise() })));
  }
  assert.ok(bench.log.tail > 1000);
  await logs.close();
  const bytes = filesOf(path, "").reduce((sum, file) => sum + statSync(file).size, 0);
  assert.ok(bytes < 8e6, `${bytes} bytes of ${bench.committed.length * 4800}`);
  const again = await open(path, { maxBytes: 2e6 });
  assert.ok(again.log.tail >= bench.log.tail);
});

test("what is too old goes with the next that comes", async () => {
  const { bench, host } = await open(newPath(), { maxAgeMs: 1000 });
  await bench.appendAll(entryOf("x"), entryOf("y"));
  host.clock.advance(1000);
  await bench.appendAll(entryOf("z"));
  assert.equal(bench.log.tail, 0);
  host.clock.advance(500);
  await bench.appendAll(entryOf("z"));
  assert.equal(bench.log.tail, 2);
});

test("more than may wait is refused at once", async () => {
  const { log, bench } = await open(newPath(), { maxPendingBytes: 1000 });
  const refused: string[] = [];
  for (let index = 0; index < 10; index++) {
    log.append(entryOf("x", { body: "x".repeat(300) }), {
      onCommitted() {},
      onFailed: (error) => refused.push((error as { code: string }).code),
    });
  }
  assert.equal(refused.length, 7);
  assert.equal(refused[0], "LOG_BUSY");
  await logsIdle(bench);
  await bench.appendAll(entryOf("again"));
  assert.equal(log.head, 4);
});

/** A store that has written all can close, so what waited is done. */
async function logsIdle(bench: LogBench): Promise<void> {
  while (bench.log.head < 3) await new Promise((resolve) => setImmediate(resolve));
}

test("what became too old while nobody had it open goes when it is opened", async () => {
  const path = newPath();
  const { bench, logs, host } = await open(path, { maxAgeMs: 1000 });
  await bench.appendAll(entryOf("x"), entryOf("y"));
  await logs.close();
  host.clock.advance(1001);
  const again = await diskLog({ path, maxAgeMs: 1000 });
  opened.push(again);
  const log = again("/n", host);
  assert.deepEqual([log.tail, log.head], [2, 2]);
});

test("a function for history that throws is reported, and nothing is kept for it", async () => {
  const rooms = (): number => {
    throw new Error("oh");
  };
  const { bench, log, host } = await open(newPath(), { history: { rooms }, maxMemoryBytes: 1 });
  await bench.appendAll(entryOf("x", { rooms: ["a"] }));
  assert.deepEqual(await log.readLast("a", 1), []);
  assert.deepEqual(host.errors.map(String), ["Error: oh", "Error: oh"]);
});

test("a large commit is read from disk page by page, each entry once", async () => {
  const path = newPath();
  const { bench, logs, host } = await open(path);
  const entries = Array.from({ length: 3000 }, (_, index) =>
    entryOf(`${index} ${"x".repeat(index % 300)}`, { rooms: [index % 3 === 0 ? "a" : "b"] }),
  );
  await bench.appendAll(...entries, entryOf("large", { body: "x".repeat(200_000), rooms: ["a"] }));
  await logs.close();
  const again = await open(path, { maxMemoryBytes: 1 });
  const reader = new LogBench(again.log, host, bench.committed);
  for (const maxEntries of [100, 10_000]) await reader.checkRead({ after: 10, rooms: ["a"], maxEntries });
  assert.equal(again.log.head, 3001);
});

test("who is called back and throws does not keep others from it", async () => {
  const { bench, log, host } = await open(newPath());
  bench.append(entryOf("x"));
  log.whenCommitted(() => {
    throw new Error("oh");
  });
  await new Promise<void>((resolve) => log.whenCommitted(resolve));
  assert.deepEqual(host.errors.map(String), ["Error: oh"]);
});

test("seats that are saved while it closes do no harm", async () => {
  const path = newPath();
  const { log, logs, host } = await open(path);
  const closing = logs.close();
  let isClosed = false;
  void closing.then(() => (isClosed = true));
  for (let sequence = 1; !isClosed; sequence++) {
    log.saveSeat("key", seatOf(sequence), 1);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.deepEqual(host.errors, []);
  assert.ok(((await (await open(path)).log.takeSeat("key"))?.record.sequence ?? 0) > 0);
});
