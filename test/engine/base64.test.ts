import assert from "node:assert/strict";
import { test } from "node:test";
import { base64 } from "../../src/engine/base64.ts";
import { PacketError } from "../../src/packets/index.ts";
import { SeededRandom } from "../../src/testing/seeded-random.ts";

test("bytes come back, also from a part of a buffer", () => {
  const random = new SeededRandom(3);
  for (let length = 0; length < 100; length++) {
    const bytes = random.bytes(length + 5).subarray(3, 3 + length);
    const text = base64.encode(bytes);
    assert.equal(text, btoa(String.fromCharCode(...bytes)));
    assert.deepEqual(new Uint8Array(base64.decode(text)), new Uint8Array(bytes));
  }
});

test("what is not base64 is refused", () => {
  for (const text of ["A", "AA", "AAA", "AA=", "A===", "====", "AA==AA==", "A A=", "AA-_", "AAAä", "AAA\n"]) {
    assert.throws(() => base64.decode(text), PacketError, JSON.stringify(text));
  }
});
