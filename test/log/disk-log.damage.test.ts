import assert from "node:assert/strict";
import { appendFileSync, cpSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ClassicLevel } from "classic-level";
import { entryOf, seatOf } from "../../src/testing/log-bench.ts";
import { filesOf, journalOf, newPath, open, type Opened } from "./disk-folders.ts";

async function fill(path: string): Promise<string> {
  const { log, logs, bench } = await open(path);
  for (let round = 0; round < 20; round++)
    await bench.appendAll(entryOf(`${round}`), entryOf("more", { rooms: ["a"] }));
  log.saveSeat("key", seatOf(7), 1);
  await logs.close();
  return log.epoch;
}

test("a journal that was cut: what was told is missing, and the epoch is another", async () => {
  const path = newPath();
  const epoch = await fill(path);
  const journal = journalOf(path);
  truncateSync(journal, statSync(journal).size >> 1);
  const { log, host, bench, logs } = await open(path);
  assert.notEqual(log.epoch, epoch);
  assert.ok(log.head < 40, `${log.head}`);
  assert.equal(await log.takeSeat("key"), undefined);
  assert.deepEqual(
    host.errors.map((error) => (error as { code: string }).code),
    ["LOG_DAMAGED"],
  );
  await bench.appendAll(entryOf("goes on"));
  const { epoch: second } = log;
  await logs.close();
  const again = await open(path);
  assert.deepEqual([again.log.epoch, again.host.errors], [second, []]);
});

test("a journal with a garbled middle: the same", async () => {
  const path = newPath();
  const epoch = await fill(path);
  const journal = journalOf(path);
  const bytes = readFileSync(journal);
  bytes.fill(0x5a, bytes.length >> 1, (bytes.length >> 1) + 64);
  writeFileSync(journal, bytes);
  const { log, bench } = await open(path);
  assert.notEqual(log.epoch, epoch);
  await bench.appendAll(entryOf("goes on"));
});

test("a commit that was begun and never told is left out, and nothing is lost by that", async () => {
  const path = newPath();
  const epoch = await fill(path);
  appendFileSync(journalOf(path), Buffer.alloc(5000, 0x5a));
  const { log, bench } = await open(path);
  assert.deepEqual([log.epoch, log.head], [epoch, 40]);
  assert.equal((await log.takeSeat("key"))?.record.sequence, 7);
  await bench.appendAll(entryOf("goes on"));
  assert.equal(log.head, 41);
});

test("a database that can't be read at all is set aside", async () => {
  const path = newPath();
  const epoch = await fill(path);
  for (const file of filesOf(path, "")) if (!file.endsWith("LOCK")) writeFileSync(file, "garbage");
  const { log, bench } = await open(path);
  assert.notEqual(log.epoch, epoch);
  await bench.appendAll(entryOf("goes on"));
});

test("a database that is gone, with the mark of what was told, begins anew", async () => {
  const path = newPath();
  const epoch = await fill(path);
  rmSync(join(path, "database"), { recursive: true });
  const { log } = await open(path);
  assert.notEqual(log.epoch, epoch);
  assert.equal(log.head, 0);
});

test("a write that was torn, wherever, is left out: what was told before it is there, in the same epoch", async () => {
  const path = newPath();
  const epoch = await fill(path);
  const { log, bench } = await open(path);
  await bench.appendAll(entryOf("told"));
  // As it is while the next commit is being written.
  const copy = newPath();
  cpSync(path, copy, { recursive: true });
  const begin = statSync(journalOf(path)).size;
  log.saveSeat("key", seatOf(8), 1);
  await bench.appendAll(entryOf("torn"), entryOf("torn, too", { rooms: ["a"] }));
  const journal = readFileSync(journalOf(path));
  assert.ok(journal.length > begin + 200);

  for (
    let end = begin;
    end <= journal.length;
    end = end === journal.length ? end + 1 : Math.min(end + 29, journal.length)
  ) {
    const torn = newPath();
    cpSync(copy, torn, { recursive: true });
    writeFileSync(journalOf(torn), journal.subarray(0, end));
    const isWhole = end === journal.length;
    const again = await open(torn);
    assert.deepEqual([again.log.epoch, again.log.head], [epoch, isWhole ? 43 : 41], `cut at ${end - begin}`);
    assert.equal((await again.log.takeSeat("key"))?.record.sequence, isWhole ? 8 : 7);
    await again.bench.appendAll(entryOf("goes on"));
    const found = await again.bench.readAll({ rooms: ["a"] });
    assert.deepEqual(
      found.slice(40).map(({ body }) => body),
      isWhole ? ['["told"]', '["torn"]', '["torn, too"]', '["goes on"]'] : ['["told"]', '["goes on"]'],
    );
    await again.logs.close();
    assert.deepEqual(again.host.errors, []);
  }
});

/** Changes the database behind the log's back. */
async function tamper(
  path: string,
  change: (database: ClassicLevel<string, Buffer>, chunks: string[]) => Promise<void>,
): Promise<void> {
  const database = new ClassicLevel<string, Buffer>(join(path, "database"), { valueEncoding: "buffer" });
  await database.open();
  await change(database, await database.keys({ gte: "e!", lt: "e~" }).all());
  await database.close();
}

function codes({ host }: Opened): unknown[] {
  return host.errors.map((error) => (error as { code: unknown }).code);
}

test("entries that are missing from the middle: what is behind them stays, in another epoch", async () => {
  const path = newPath();
  const epoch = await fill(path);
  await tamper(path, (database, chunks) => database.del(chunks[10]!));
  const again = await open(path);
  assert.notEqual(again.log.epoch, epoch);
  assert.deepEqual([again.log.tail, again.log.head, codes(again)], [22, 40, ["LOG_DAMAGED"]]);
  assert.equal((await again.bench.readAll({ after: again.log.tail, rooms: ["a"] })).length, 18);
  await again.bench.appendAll(entryOf("goes on"));
  assert.equal(again.log.head, 41);
});

test("entries that are missing at the end: none of them counts, in another epoch", async () => {
  const path = newPath();
  const epoch = await fill(path);
  await tamper(path, (database, chunks) => database.del(chunks.at(-1)!));
  const again = await open(path);
  assert.notEqual(again.log.epoch, epoch);
  assert.deepEqual([again.log.tail, again.log.head], [40, 40]);
  await again.bench.appendAll(entryOf("goes on"));
  assert.equal((await again.bench.readAll({ after: 40 })).length, 1);
});

test("entries that are garbled are a gap for who reads them: the tail is behind them", async () => {
  const path = newPath();
  const epoch = await fill(path);
  await tamper(path, (database, chunks) => database.put(chunks[3]!, Buffer.from("garbled")));
  // So that almost nothing is read when it is opened.
  const again = await open(path, { maxBytes: 50_000, maxMemoryBytes: 1 });
  assert.deepEqual([again.log.epoch, again.log.tail, again.log.head], [epoch, 0, 40]);
  const found = await again.bench.readAll({ rooms: ["a"] });
  assert.deepEqual([again.log.tail, codes(again)], [8, ["LOG_DAMAGED"]]);
  assert.equal(found.filter(({ offset }) => offset > 8).length, 32);
});

test("a namespace whose description is gone begins anew, and meets nothing of what it had", async () => {
  const path = newPath();
  const epoch = await fill(path);
  await tamper(path, (database) => database.clear({ gte: "n!", lt: "n~" }));
  const again = await open(path);
  assert.notEqual(again.log.epoch, epoch);
  assert.deepEqual([again.log.head, codes(again)], [0, ["LOG_DAMAGED"]]);
  await again.bench.appendAll(entryOf("new"));
  assert.equal((await again.bench.readAll({ rooms: ["a"] })).length, 1);
  await again.logs.close();
  assert.deepEqual([(await open(path)).log.head, codes(again)], [1, ["LOG_DAMAGED"]]);
});
