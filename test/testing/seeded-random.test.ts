import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "../../src/testing/seeded-random.ts";

test("a seed gives the same numbers each time, another one others", () => {
  const throws = (seed: number): number[] => {
    const random = new SeededRandom(seed);
    return Array.from({ length: 50 }, () => random.integer(1, 6));
  };
  assert.deepEqual(throws(7), throws(7));
  assert.deepEqual(throws(7), throws(7 + 2 ** 32));
  assert.notDeepEqual(throws(7), throws(8));
});

test("fractions are from 0 to below 1, integers within both ends, all of them", () => {
  const random = new SeededRandom(1);
  const seen = new Set<number>();
  for (let count = 0; count < 10_000; count += 1) {
    const fraction = random.fraction();
    assert.ok(fraction >= 0 && fraction < 1);
    seen.add(random.integer(-2, 2));
  }
  assert.deepEqual(
    [...seen].toSorted((a, b) => a - b),
    [-2, -1, 0, 1, 2],
  );
});

test("it picks one of the items, and needs one", () => {
  const random = new SeededRandom(1);
  assert.ok(["a", "b"].includes(random.pick(["a", "b"])));
  assert.throws(() => random.pick([]), RangeError);
});
