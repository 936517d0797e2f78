/** Of namespaces that nobody uses no more is kept than what was sent there. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { diskLog } from "../../src/log/disk.ts";
import { openDatabase } from "../../src/log/disk-database.ts";
import { entryOf, LogBench, seatOf } from "../../src/testing/log-bench.ts";
import { newPath, open } from "./disk-folders.ts";

/** How many namespaces the folder knows, which nobody has open. */
async function namesIn(path: string): Promise<number> {
  const database = await openDatabase(path);
  const keys = await database.keys({ gte: "n!", lt: "n~" }).all();
  await database.close();
  return keys.length;
}

test("a name that clients made up is forgotten when they are gone", async () => {
  const path = newPath();
  const { logs, host } = await open(path);
  for (let number = 0; number < 50; number += 1) {
    const log = logs(`/made-up-${number}`, host);
    log.saveSeat("key", seatOf(1), 1);
    log.dropSeat("key", 1);
    await log.close();
  }
  const again = logs("/made-up-1", host);
  await new LogBench(again, host).appendAll(entryOf("x"));
  assert.equal(again.head, 1);
  await logs.close();
  // That of the folder itself, which was open to the end, and the one in which something was sent.
  assert.equal(await namesIn(path), 2);
  await (await diskLog({ path })).close();
  assert.equal(await namesIn(path), 1);
});

test("what was sent, a seat or a room's history keeps it", async () => {
  const path = newPath();
  const history = { rooms: (room: string): number => (room === "kept" ? 5 : 0) };
  const { logs, host } = await open(path, { maxAgeMs: 1000, history });
  const leave = async (name: string, fill: (bench: LogBench) => unknown): Promise<string> => {
    const log = logs(name, host);
    await fill(new LogBench(log, host));
    await log.close();
    return log.epoch;
  };
  const epoch = await leave("/sent", (bench) => bench.appendAll(entryOf("x")));
  await leave("/seat", ({ log }) => log.saveSeat("key", seatOf(1), 1));
  await leave("/history", (bench) => bench.appendAll(entryOf("y", { rooms: ["kept"] })));
  assert.equal(logs("/sent", host).epoch, epoch);
  await logs.close();
  assert.equal(await namesIn(path), 4);
});

test("when what was sent is too old, its name goes, too", async () => {
  const path = newPath();
  const { log, logs, host, bench } = await open(path, { maxAgeMs: 1000 });
  const other = logs("/other", host);
  await new LogBench(other, host).appendAll(entryOf("x"));
  await other.close();
  host.clock.advance(5000);
  await bench.appendAll(entryOf("y"));
  assert.equal(log.head, 1);
  await logs.close();
  assert.equal(await namesIn(path), 1);
});
