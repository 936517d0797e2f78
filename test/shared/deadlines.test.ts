import assert from "node:assert/strict";
import { test } from "node:test";
import { Deadlines } from "../../src/shared/deadlines.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";

/** A clock, deadlines of 100 ms, and those who wait, with what became of them and when. */
function makeDeadlines() {
  const clock = new FakeClock();
  const told: [string, number][] = [];
  const waiting = (name: string, then = (): void => {}) => ({
    dueMs: 0,
    onDue: () => {
      told.push([name, clock.now()]);
      then();
    },
  });
  return { clock, deadlines: new Deadlines(clock, 100), told, waiting };
}

test("each is told at its own moment, by one timer", () => {
  const { clock, deadlines, told, waiting } = makeDeadlines();
  for (const name of ["a", "b", "c"]) {
    deadlines.add(waiting(name));
    assert.equal(clock.pending, 1);
    clock.advance(10);
  }
  clock.advance(1000);
  assert.deepEqual(told, [
    ["a", 100],
    ["b", 110],
    ["c", 120],
  ]);
  assert.equal(clock.pending, 0);
});

test("who begins anew, or no longer waits, is not told; with the last one the timer stops", () => {
  const { clock, deadlines, told, waiting } = makeDeadlines();
  const [first, second, third] = [waiting("first"), waiting("second"), waiting("third")];
  for (const one of [first, second, third]) deadlines.add(one);
  clock.advance(50);
  deadlines.add(first);
  deadlines.remove(second);
  clock.advance(99);
  assert.deepEqual(told, [["third", 100]]);
  deadlines.remove(first);
  deadlines.remove(first);
  assert.equal(clock.pending, 0);
  deadlines.add(first);
  clock.advance(100);
  assert.deepEqual(told.at(-1), ["first", 249]);
});

test("who is told may wait again, end another one's waiting, or fail", () => {
  const { clock, deadlines, told, waiting } = makeDeadlines();
  const dropped = waiting("dropped");
  const again = waiting("again", () => {
    deadlines.remove(dropped);
    if (told.length === 1) deadlines.add(again);
    else throw new Error("failed");
  });
  deadlines.add(again);
  deadlines.add(dropped);
  deadlines.add(waiting("other"));
  clock.advance(100);
  assert.deepEqual(told, [
    ["again", 100],
    ["other", 100],
  ]);
  clock.advance(50);
  deadlines.add(waiting("late"));
  assert.throws(() => clock.advance(50), /failed/);
  clock.advance(50);
  assert.deepEqual(told.slice(2), [
    ["again", 200],
    ["late", 250],
  ]);
  assert.equal(clock.pending, 0);
});
