import assert from "node:assert/strict";
import { test } from "node:test";
import { randomMask } from "../../src/websocket/mask-keys.ts";

test("keys are 32 bits, and each is a new one, however many are asked for", () => {
  const keys = Array.from({ length: 5000 }, randomMask);
  for (const key of keys) assert.equal(key, key | 0);
  // By chance two of them are the same, once in some hundred runs.
  assert.ok(new Set(keys).size >= keys.length - 2);
  for (const bit of [0, 7, 15, 31]) {
    const set = keys.filter((key) => ((key >>> bit) & 1) === 1).length;
    assert.ok(set > 2000 && set < 3000, `bit ${bit} is set ${set} times`);
  }
});
