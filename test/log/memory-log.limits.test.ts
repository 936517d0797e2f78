import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryLog, type MemoryLogOptions } from "../../src/log/index.ts";
import type { Log, LogFactory } from "../../src/sockets/log.ts";
import { entryOf, LogTestHost } from "../../src/testing/log-bench.ts";

const NOTHING = { onCommitted() {}, onFailed: assert.fail };

function fill(log: Log, count: number, room?: string, bodyLength = 10): void {
  const entry = entryOf("x", { rooms: room === undefined ? [] : [room], body: "x".repeat(bodyLength) });
  for (let index = 0; index < count; index++) log.append(entry, NOTHING);
}

function open(options: MemoryLogOptions): { log: Log; host: LogTestHost; factory: LogFactory } {
  const host = new LogTestHost();
  const factory = memoryLog(options);
  return { log: factory("/", host), host, factory };
}

test("entries go when they are too old: when something is appended", () => {
  const { log, host } = open({ maxAgeMs: 1000 });
  fill(log, 3);
  host.clock.advance(1000);
  fill(log, 1);
  assert.equal(log.tail, 0);
  host.clock.advance(1);
  fill(log, 1);
  assert.equal(log.tail, 3);
});

test("entries go when they are too old: when nothing is appended, with one timer", async () => {
  const { log, host } = open({ maxAgeMs: 1000 });
  assert.equal(host.clock.pending, 0);
  for (let count = 0; count < 10; count++) {
    fill(log, 100);
    host.clock.advance(10);
    assert.equal(host.clock.pending, 1);
  }
  host.clock.advance(1100);
  assert.deepEqual([log.tail, log.head, host.clock.pending], [1000, 1000, 0]);
  fill(log, 1);
  await log.close();
  assert.equal(host.clock.pending, 0);
});

test("with an endless age there is no timer", () => {
  const { log, host } = open({ maxAgeMs: Infinity });
  fill(log, 10);
  host.clock.advance(1e12);
  assert.deepEqual([log.tail, host.clock.pending], [0, 0]);
});

test("entries go when there are too many", () => {
  const { log } = open({ maxEntries: 5 });
  fill(log, 5);
  assert.equal(log.tail, 0);
  fill(log, 2);
  assert.deepEqual([log.tail, log.head], [2, 7]);
});

test("entries go when they take too much, what an entry itself takes counted with it", () => {
  const { log } = open({ maxBytes: 10_000 });
  fill(log, 1000, undefined, 0);
  const kept = log.head - log.tail;
  assert.ok(kept >= 10 && kept <= 100, `${kept}`);
  fill(log, 2, undefined, 3000);
  assert.equal(log.head - log.tail, 1);
  fill(log, 1, undefined, 20_000);
  assert.equal(log.tail, log.head);
});

test("over all namespaces the oldest goes first, whoever appends", () => {
  const { log: quiet, host, factory } = open({ maxTotalBytes: 1_000_000 });
  const busy = factory("/busy", host);
  const fresh = factory("/fresh", host);
  fill(quiet, 5, undefined, 1000);
  fill(busy, 100, undefined, 1000);
  fill(fresh, 5, undefined, 1000);
  assert.deepEqual([quiet.tail, busy.tail, fresh.tail], [0, 0, 0]);
  fill(fresh, 350, undefined, 1000);
  assert.equal(quiet.tail, 5);
  assert.ok(busy.tail > 0 && busy.tail < 100);
  assert.equal(fresh.tail, 0);
});

test("a closed log gives back what it took of the total", async () => {
  const { log, host, factory } = open({ maxTotalBytes: 100_000 });
  fill(log, 30, undefined, 1000);
  await log.close();
  const other = factory("/other", host);
  fill(other, 40, undefined, 1000);
  assert.equal(other.tail, 0);
});

test("history takes no more than it may, over all rooms and namespaces", () => {
  const { log, host, factory } = open({ maxEntries: 1, history: { rooms: () => 1000, maxBytes: 100_000 } });
  const other = factory("/other", host);
  fill(other, 10, "first", 1000);
  for (let room = 0; room < 100; room++) fill(log, 2, `room ${room}`, 1000);
  const kept = (from: Log, room: string): number => (from.readLast(room, 1000) as readonly unknown[]).length;
  assert.equal(kept(other, "first"), 1);
  assert.equal(kept(log, "room 0"), 0);
  assert.equal(kept(log, "room 98"), 2);
});

test("a function for history that throws is reported, and nothing is kept for it", () => {
  const { log, host } = open({
    maxEntries: 1,
    history: {
      rooms: () => {
        throw new Error("oh");
      },
    },
  });
  fill(log, 3, "a");
  assert.equal((log.readLast("a", 10) as readonly unknown[]).length, 1);
  assert.deepEqual(host.errors.map(String), ["Error: oh", "Error: oh"]);
});

test("each log has its own epoch", () => {
  const { log, host, factory } = open({});
  assert.notEqual(factory("/", host).epoch, log.epoch);
});

test("seats wait with one timer, also those that are kept for very long", async () => {
  const host = new LogTestHost();
  const log = memoryLog()("/", Object.assign(host, { seatLifetimeMs: 2 ** 40 }));
  const record = { socketId: "s", stays: [], data: undefined, since: 0, confirmed: 0, sequence: 0 };
  for (const key of ["a", "b", "c"]) {
    log.saveSeat(key, record, 1);
    log.vacateSeat(key, 1);
  }
  assert.equal(host.clock.pending, 1);
  host.clock.advance(2 ** 40 - 1);
  assert.notEqual(log.takeSeat("a"), undefined);
  host.clock.advance(1);
  assert.equal(host.clock.pending, 0);
  assert.equal(log.takeSeat("b"), undefined);
});

test("options that can't be are refused", () => {
  for (const name of ["maxAgeMs", "maxEntries", "maxBytes", "maxTotalBytes"]) {
    for (const value of [0, -1, Number.NaN, "x" as never]) {
      assert.throws(() => memoryLog({ [name]: value }), {
        name: "RangeError",
        message: new RegExp(`"${name}"`),
      });
    }
  }
  assert.throws(() => memoryLog({ maxAgeMs: 2 ** 31 }), RangeError);
  assert.throws(() => memoryLog({ history: { rooms: () => 1, maxBytes: 0 } }), /history\.maxBytes/);
});
