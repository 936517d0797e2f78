import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../../src/testing/fake-clock.ts";

test("time stands still until it is moved", () => {
  const clock = new FakeClock();
  assert.equal(clock.now(), 0);
  clock.advance(10);
  clock.advance(0);
  assert.equal(clock.now(), 10);
});

test("timers fire at their moment, in order, those of one moment as they were set", () => {
  const clock = new FakeClock();
  const fired: [string, number][] = [];
  for (const [name, delayMs] of [
    ["c", 30],
    ["a", 10],
    ["b", 20],
    ["a2", 10],
    ["now", 0],
    ["past", -5],
  ] as const) {
    clock.setTimeout(() => fired.push([name, clock.now()]), delayMs);
  }
  assert.equal(clock.pending, 6);
  clock.advance(9);
  assert.deepEqual(fired.splice(0), [
    ["now", 0],
    ["past", 0],
  ]);
  clock.advance(1);
  assert.deepEqual(fired.splice(0), [
    ["a", 10],
    ["a2", 10],
  ]);
  clock.advance(100);
  assert.deepEqual(fired, [
    ["b", 20],
    ["c", 30],
  ]);
  assert.equal(clock.now(), 110);
  assert.equal(clock.pending, 0);
});

test("a timer that is cancelled does not fire; cancelling twice, or too late, is nothing", () => {
  const clock = new FakeClock();
  let count = 0;
  const one = clock.setTimeout(() => count++, 10);
  const two = clock.setTimeout(() => count++, 10);
  one.cancel();
  one.cancel();
  assert.equal(clock.pending, 1);
  clock.advance(10);
  two.cancel();
  assert.equal(count, 1);
});

test("timers that are set, or cancelled, by timers count", () => {
  const clock = new FakeClock();
  const fired: number[] = [];
  const repeat = (): void => {
    fired.push(clock.now());
    clock.setTimeout(repeat, 10);
  };
  clock.setTimeout(repeat, 10);
  clock.setTimeout(() => doomed.cancel(), 12);
  const doomed = clock.setTimeout(() => assert.fail("cancelled in between"), 15);
  clock.advance(35);
  assert.deepEqual(fired, [10, 20, 30]);
  assert.equal(clock.pending, 1);
});
