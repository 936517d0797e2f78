import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { applyMask } from "../../src/protocol/masking.ts";
import { SeededRandom } from "../../src/testing/seeded-random.ts";

/** RFC 6455 §5.3, literally. */
function maskSlowly(bytes: Uint8Array, start: number, end: number, key: number, keyOffset: number): void {
  const octets = [key >>> 24, (key >>> 16) & 255, (key >>> 8) & 255, key & 255];
  for (let i = start; i < end; i += 1) bytes[i] = bytes[i]! ^ octets[(keyOffset + i - start) % 4]!;
}

const LENGTHS = [...Array(140).keys(), 255, 256, 257, 1000, 1001, 1002, 1003];
const KEYS = [0x37fa213d, 0xff80017f, 0];

describe("masking", () => {
  for (const key of KEYS) {
    test(`with key ${key.toString(16).padStart(8, "0")}: every length, key offset and alignment`, () => {
      const random = new SeededRandom(key);
      const memory = new ArrayBuffer(2048);
      for (const length of LENGTHS) {
        for (let alignment = 0; alignment < 8; alignment += 1) {
          const bytes = new Uint8Array(memory, alignment, length + 9);
          for (const start of [0, 3]) {
            for (let keyOffset = 0; keyOffset < 4; keyOffset += 1) {
              bytes.set(random.bytes(bytes.length));
              const expected = Uint8Array.from(bytes);
              maskSlowly(expected, start, start + length, key, keyOffset);
              const isAscii = applyMask(bytes, start, start + length, key, keyOffset);
              const where = `length ${length}, start ${start}, alignment ${alignment}, key offset ${keyOffset}`;
              assert.ok(Buffer.compare(bytes, expected) === 0, where);
              const highest = Math.max(0, ...expected.subarray(start, start + length));
              assert.equal(isAscii, highest < 0x80, where);
            }
          }
        }
      }
    });
  }

  test("a key may be given signed or unsigned", () => {
    for (const length of [7, 200]) {
      const signed = new Uint8Array(length);
      const unsigned = new Uint8Array(length);
      applyMask(signed, 0, length, 0xfedcba98 | 0, 1);
      applyMask(unsigned, 0, length, 0xfedcba98, 1);
      assert.deepEqual(signed, unsigned);
      assert.deepEqual([...signed.subarray(0, 5)], [0xdc, 0xba, 0x98, 0xfe, 0xdc]);
    }
  });

  test("twice is nothing", () => {
    const random = new SeededRandom(2);
    const original = random.bytes(5000);
    const bytes = Uint8Array.from(original);
    applyMask(bytes, 0, 5000, 0xdeadbeef, 3);
    assert.notDeepEqual(bytes, original);
    applyMask(bytes, 0, 5000, 0xdeadbeef, 3);
    assert.deepEqual(bytes, original);
  });

  test("in pieces, each with its offset, is the same as whole", () => {
    const random = new SeededRandom(3);
    for (let round = 0; round < 200; round += 1) {
      const whole = random.bytes(random.integer(0, 600));
      const pieces = Uint8Array.from(whole);
      const key = random.integer(0, 0xffffffff);
      applyMask(whole, 0, whole.length, key, 0);
      for (let at = 0; at < pieces.length;) {
        const end = Math.min(pieces.length, at + random.integer(1, 250));
        applyMask(pieces, at, end, key, at);
        at = end;
      }
      assert.ok(Buffer.compare(whole, pieces) === 0);
    }
  });

  test("one high byte anywhere is seen, one outside is not", () => {
    for (const length of [1, 5, 50, 96, 97, 103, 300]) {
      for (let place = 0; place < length; place += 1) {
        const bytes = new Uint8Array(length + 2).fill(0x41);
        bytes[0] = bytes[length + 1] = 0xff;
        assert.equal(applyMask(bytes, 1, length + 1, 0, 0), true);
        bytes[place + 1] = 0x80;
        assert.equal(applyMask(bytes, 1, length + 1, 0, 0), false, `at ${place} of ${length}`);
      }
    }
  });
});
