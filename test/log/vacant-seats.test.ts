/** What peers can leave behind when they go, in all namespaces together. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { diskLog, type DiskLogs } from "../../src/log/disk.ts";
import { memoryLog } from "../../src/log/index.ts";
import type { Log, LogFactory, SeatRecord } from "../../src/sockets/log.ts";
import { LIFETIME_MS, LogTestHost, seatOf } from "../../src/testing/log-bench.ts";
import { newPath, opened } from "./disk-folders.ts";

/** Somebody sits down and goes. */
function leaveSeat(log: Log, key: string, part: Partial<SeatRecord> = {}): void {
  log.saveSeat(key, seatOf(1, part), 1);
  log.vacateSeat(key, 1);
}

async function isThere(log: Log, key: string): Promise<boolean> {
  return (await log.takeSeat(key)) !== undefined;
}

async function openDisk(path: string): Promise<DiskLogs> {
  const logs = await diskLog({ path });
  opened.push(logs);
  return logs;
}

/** A host whose clock is that of another; with limits of its own. */
function hostWith(limits: { maxVacantSeats?: number; maxVacantSeatBytes?: number }): LogTestHost {
  return Object.assign(new LogTestHost(), limits);
}

const LOGS: Readonly<Record<string, () => LogFactory | Promise<LogFactory>>> = {
  "in memory": () => memoryLog(),
  "on disk": () => openDisk(newPath()),
};

for (const [where, make] of Object.entries(LOGS)) {
  test(`${where}: so many empty seats in all namespaces together, and who left first goes first`, async () => {
    const host = hostWith({ maxVacantSeats: 10 });
    const factory = await make();
    const logs = Array.from({ length: 5 }, (_, index) => factory(`/${index}`, host));
    for (let seat = 0; seat < 5; seat++) {
      for (const log of logs) {
        leaveSeat(log, `seat ${seat}`);
        host.clock.advance(1);
      }
    }
    for (const log of logs) {
      for (let seat = 0; seat < 5; seat++) assert.equal(await isThere(log, `seat ${seat}`), seat >= 3);
    }
  });

  test(`${where}: so many bytes of empty seats in all namespaces together`, async () => {
    const host = hostWith({ maxVacantSeatBytes: 100_000 });
    const factory = await make();
    const [one, other] = [factory("/one", host), factory("/other", host)];
    leaveSeat(one, "first", { data: JSON.stringify("x".repeat(15_000)) });
    host.clock.advance(1);
    const stays = Array.from({ length: 100 }, (_, room) => ({ room: `${room}`, after: 0, upTo: undefined }));
    leaveSeat(other, "second", { stays });
    host.clock.advance(1);
    leaveSeat(other, "light");
    host.clock.advance(1);
    leaveSeat(one, "third", { data: JSON.stringify("x".repeat(28_000)) });
    assert.equal(await isThere(one, "first"), false);
    assert.equal(await isThere(other, "light"), true);
    assert.equal(await isThere(one, "third"), true);
    leaveSeat(one, "too much", { data: JSON.stringify("x".repeat(50_000)) });
    assert.equal(await isThere(one, "too much"), false);
  });

  test(`${where}: an empty seat that is saved anew is weighed anew`, async () => {
    const host = hostWith({ maxVacantSeatBytes: 100_000 });
    const factory = await make();
    const [one, other] = [factory("/one", host), factory("/other", host)];
    leaveSeat(one, "first");
    host.clock.advance(1);
    leaveSeat(other, "second");
    one.saveSeat("first", seatOf(2, { data: JSON.stringify("x".repeat(40_000)) }), 1);
    assert.equal(await isThere(other, "second"), true);
    leaveSeat(other, "third", { data: JSON.stringify("x".repeat(40_000)) });
    assert.equal(await isThere(one, "first"), false);
    assert.equal(await isThere(other, "third"), true);
  });

  test(`${where}: what is taken makes place for others`, async () => {
    const host = hostWith({ maxVacantSeatBytes: 100_000 });
    const factory = await make();
    const data = JSON.stringify("x".repeat(20_000));
    const [one, other] = [factory("/one", host), factory("/other", host)];
    leaveSeat(one, "first", { data });
    host.clock.advance(1);
    leaveSeat(other, "second", { data });
    assert.equal(await isThere(other, "second"), true);
    leaveSeat(other, "third", { data });
    assert.equal(await isThere(one, "first"), true);
    assert.equal(await isThere(other, "third"), true);
  });

  test(`${where}: the seats of all namespaces end in time, with one timer`, async () => {
    const host = new LogTestHost();
    const factory = await make();
    const logs = Array.from({ length: 3 }, (_, index) => factory(`/${index}`, host));
    for (const log of logs) {
      leaveSeat(log, "key");
      assert.equal(host.clock.pending, 1);
      host.clock.advance(1000);
    }
    host.clock.advance(LIFETIME_MS - 3000);
    assert.equal(await isThere(logs[0]!, "key"), false);
    assert.equal(await isThere(logs[1]!, "key"), true);
    host.clock.advance(2000);
    assert.equal(await isThere(logs[2]!, "key"), false);
    assert.equal(host.clock.pending, 0);
  });

  test(`${where}: a log that is closed leaves no timer, and the others theirs`, async () => {
    const host = new LogTestHost();
    const factory = await make();
    const [one, other] = [factory("/one", host), factory("/other", host)];
    for (const log of [one, other]) leaveSeat(log, "key");
    await one.close();
    assert.equal(host.clock.pending, 1);
    leaveSeat(other, "more");
    await other.close();
    assert.equal(host.clock.pending, 0);
  });
}

test("in memory: a log that is closed takes its seats with it", async () => {
  const host = hostWith({ maxVacantSeats: 2 });
  const factory = memoryLog();
  const [one, other] = [factory("/one", host), factory("/other", host)];
  leaveSeat(other, "kept");
  leaveSeat(one, "gone");
  await one.close();
  leaveSeat(other, "kept, too");
  assert.equal(await isThere(other, "kept"), true);
  assert.equal(await isThere(other, "kept, too"), true);
});

test("on disk: the seats of a namespace that is closed count on, and end in time", async () => {
  const host = hostWith({ maxVacantSeats: 3 });
  const path = newPath();
  const logs = await openDisk(path);
  const main = logs("/", host);
  for (let index = 0; index < 10; index++) {
    const log = logs(`/${index}`, host);
    leaveSeat(log, "key");
    await log.close();
    host.clock.advance(1);
  }
  assert.deepEqual(await namesWithSeats(logs, host), ["/7", "/8", "/9"]);
  host.clock.advance(LIFETIME_MS);
  await new Promise<void>((resolve) => main.whenCommitted(resolve));
  await logs.close();
  const again = await openDisk(path);
  // In the database, too: a host to whom nothing is too old finds none.
  assert.deepEqual(await namesWithSeats(again, new LogTestHost()), []);
});

test("on disk: seats of namespaces that nobody opens again end in time", async () => {
  const host = new LogTestHost();
  const path = newPath();
  const first = await openDisk(path);
  leaveSeat(first("/left", host), "key");
  first("/held", host).saveSeat("key", seatOf(1), 1);
  await first.close();
  host.clock.advance(1000);
  const second = await openDisk(path);
  const main = second("/", host);
  host.clock.advance(LIFETIME_MS);
  await new Promise<void>((resolve) => main.whenCommitted(resolve));
  await second.close();
  const third = await openDisk(path);
  assert.deepEqual(await namesWithSeats(third, new LogTestHost(), ["/left", "/held"]), []);
});

test("on disk: seats of namespaces that are opened late are there until then", async () => {
  const host = new LogTestHost();
  const path = newPath();
  const first = await openDisk(path);
  leaveSeat(first("/left", host), "key");
  first("/held", host).saveSeat("key", seatOf(1), 1);
  await first.close();
  host.clock.advance(1000);
  const second = await openDisk(path);
  second("/", host);
  host.clock.advance(LIFETIME_MS - 1001);
  assert.deepEqual(await namesWithSeats(second, host, ["/left", "/held"]), ["/left", "/held"]);
});

/** Which of the namespaces has a seat with the key "key". */
async function namesWithSeats(
  logs: LogFactory,
  host: LogTestHost,
  names = Array.from({ length: 10 }, (_, index) => `/${index}`),
): Promise<string[]> {
  const found: string[] = [];
  for (const name of names) {
    const log = logs(name, host);
    const taken = await log.takeSeat("key");
    if (taken !== undefined) found.push(name);
    if (taken !== undefined) log.vacateSeat("key", taken.generation);
    await log.close();
  }
  return found;
}
