import assert from "node:assert/strict";
import { test } from "node:test";
import { Intake } from "../../../src/sockets/turns/intake.ts";
import { turnRules } from "../../../src/sockets/turns/options.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";

/** An intake for 4 events or 100 bytes, and what it does to reading. */
function makeIntake() {
  const host = {
    isAsked: false,
    isPaused: false,
    changes: 0,
    pauseReading: () => {
      assert.ok(!host.isPaused);
      host.isPaused = true;
      host.changes += 1;
    },
    resumeReading: () => {
      assert.ok(host.isPaused);
      host.isPaused = false;
      host.changes += 1;
    },
  };
  const rules = turnRules({ maxEvents: 4, maxBytes: 100, handlerTimeoutMs: 1000 }, new FakeClock());
  const intake = new Intake(rules, host);
  const add = (count: number, bytes = 1): void => {
    for (let added = 0; added < count; added++) intake.add(bytes);
  };
  const remove = (count: number, bytes = 1): void => {
    for (let removed = 0; removed < count; removed++) intake.remove(bytes);
  };
  return { intake, host, add, remove };
}

test("reading stops when so many wait, and goes on when half of them are gone", () => {
  const { host, add, remove } = makeIntake();
  add(3);
  assert.ok(!host.isPaused);
  add(1);
  assert.ok(host.isPaused);
  // What had come with the last of them.
  add(5);
  remove(6);
  assert.ok(host.isPaused);
  remove(1);
  assert.ok(!host.isPaused);
  remove(2);
  assert.equal(host.changes, 2);
});

test("so does it for bytes", () => {
  const { host, add, remove } = makeIntake();
  add(1, 99);
  assert.ok(!host.isPaused);
  add(1, 1);
  assert.ok(host.isPaused);
  remove(1, 1);
  assert.ok(host.isPaused);
  remove(1, 99);
  assert.ok(!host.isPaused);
});

test("who owes an acknowledgement is read on, up to sixteen times as much", () => {
  const { host, add, remove } = makeIntake();
  host.isAsked = true;
  add(63);
  assert.ok(!host.isPaused);
  add(1);
  assert.ok(host.isPaused);
  remove(31);
  assert.ok(host.isPaused);
  remove(1);
  assert.ok(!host.isPaused);
  host.isAsked = false;
  // It was read on for that only.
  add(1);
  assert.ok(host.isPaused);
  remove(30);
  assert.ok(host.isPaused);
  remove(1);
  assert.ok(!host.isPaused);
});

test("a question lets reading go on", () => {
  const { intake, host, add } = makeIntake();
  add(4);
  host.isAsked = true;
  intake.onAsked();
  assert.ok(!host.isPaused);
  intake.onAsked();
  add(60);
  assert.ok(host.isPaused);
  intake.onAsked();
  assert.ok(host.isPaused);
});
