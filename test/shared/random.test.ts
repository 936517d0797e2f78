import assert from "node:assert/strict";
import { test } from "node:test";
import { type Random, randomId, systemRandom } from "../../src/shared/random.ts";

const ALPHABET = /^[A-Za-z0-9_-]{20}$/;

/** Bytes that are all the same. */
const constant = (byte: number): Random => ({
  bytes: (length) => new Uint8Array(length).fill(byte),
  fraction: () => 0,
});

test("an id has 20 characters that are safe in a URL", () => {
  for (let count = 0; count < 1000; count += 1) assert.match(randomId(systemRandom), ALPHABET);
});

test("ten thousand ids are all different", () => {
  const ids = Array.from({ length: 10_000 }, () => randomId(systemRandom));
  assert.equal(new Set(ids).size, ids.length);
});

test("each character carries six bits, and none is favoured", () => {
  const counts = new Map<string, number>();
  for (let byte = 0; byte < 256; byte += 1) {
    const id = randomId(constant(byte));
    assert.match(id, ALPHABET);
    counts.set(id[0]!, (counts.get(id[0]!) ?? 0) + 1);
  }
  assert.equal(counts.size, 64);
  assert.deepEqual(new Set(counts.values()), new Set([4]));
});

test("every byte that is asked for is used", () => {
  const random: Random = { bytes: (length) => Uint8Array.from({ length }, (_, i) => i), fraction: () => 0 };
  assert.equal(new Set(randomId(random)).size, 20);
});

test("the platform's bytes are as many as asked for, and its fractions lie in [0, 1)", () => {
  for (const length of [0, 1, 20, 1000]) assert.equal(systemRandom.bytes(length).length, length);
  assert.notDeepEqual(systemRandom.bytes(32), systemRandom.bytes(32));
  for (let count = 0; count < 1000; count += 1) {
    const fraction = systemRandom.fraction();
    assert.ok(fraction >= 0 && fraction < 1);
  }
});
