import assert from "node:assert/strict";
import { test } from "node:test";
import { Superseded } from "../../../src/sockets/delivery/superseded.ts";
import { SeededRandom } from "../../../src/testing/seeded-random.ts";

test("superseded is what has as many newer ones of its lane as are kept: as in a simple model", () => {
  for (let seed = 1; seed <= 50; seed += 1) {
    const random = new SeededRandom(seed);
    const superseded = new Superseded();
    const lanes = new Map<string, number[]>();
    let offset = 0;
    for (let step = 0; step < 3000; step += 1) {
      offset += 1 + random.integer(0, 2);
      const key = `${random.integer(0, 19)}`;
      const keep = 1 + (Number(key) % 3);
      superseded.note({ key, keep }, offset, 0);
      lanes.set(key, [...(lanes.get(key) ?? []), offset]);
    }
    const expected = new Set<number>();
    for (const [key, offsets] of lanes) {
      for (const old of offsets.slice(0, -(1 + (Number(key) % 3)))) expected.add(old);
    }
    for (let each = 0; each <= offset; each += 1) assert.equal(superseded.has(each), expected.has(each));
  }
});

test("what the log has dropped is forgotten, and what it has not is not", () => {
  const superseded = new Superseded();
  const tail = (offset: number): number => Math.max(0, offset - 5000);
  for (let offset = 1; offset <= 1_000_000; offset += 1) {
    superseded.note({ key: "k", keep: 1 }, offset, tail(offset));
  }
  assert.equal(superseded.has(1), false);
  for (let offset = 995_001; offset < 1_000_000; offset += 1) assert.equal(superseded.has(offset), true);
  assert.equal(superseded.has(1_000_000), false);
});

test("of a lane that is forgotten, as there are too many, nothing more is superseded", () => {
  const superseded = new Superseded();
  superseded.note({ key: "first", keep: 1 }, 1, 0);
  for (let offset = 2; offset <= 10_002; offset += 1)
    superseded.note({ key: `${offset}`, keep: 1 }, offset, 0);
  superseded.note({ key: "first", keep: 1 }, 10_003, 0);
  assert.equal(superseded.has(1), false);
});
