import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MessageBuffer } from "../../src/protocol/message-buffer.ts";
import { SeededRandom } from "../../src/testing/seeded-random.ts";

describe("a message buffer", () => {
  test("holds the pieces one behind the other, whatever was announced", () => {
    const random = new SeededRandom(1);
    for (let round = 0; round < 200; round += 1) {
      const buffer = new MessageBuffer();
      const pieces: Uint8Array[] = [];
      for (let count = random.integer(0, 20); count > 0; count -= 1) {
        const chunk = random.bytes(random.integer(0, 300));
        const start = random.integer(0, chunk.length);
        const end = random.integer(start, chunk.length);
        const from = buffer.append(chunk, start, end, end - start + random.pick([0, 0, 1000]));
        assert.equal(
          from,
          pieces.reduce((sum, piece) => sum + piece.length, 0),
        );
        pieces.push(chunk.subarray(start, end));
      }
      const whole = Buffer.concat(pieces);
      assert.equal(buffer.length, whole.length);
      assert.ok(whole.equals(buffer.content()));
    }
  });

  test("does not keep the chunk it copied from", () => {
    const buffer = new MessageBuffer();
    const chunk = Uint8Array.of(1, 2, 3);
    buffer.append(chunk, 0, 3, 3);
    chunk.fill(9);
    assert.deepEqual([...buffer.content()], [1, 2, 3]);
  });

  test("allocates once if the end is known and near", () => {
    const asked: number[] = [];
    const buffer = new MessageBuffer((bytes) => {
      asked.push(bytes);
      return new Uint8Array(bytes);
    });
    for (let due = 1000; due > 0; due -= 100) buffer.append(new Uint8Array(100), 0, 100, due);
    assert.deepEqual(asked, [1000]);
  });

  test("doubles if the end is not known", () => {
    const asked: number[] = [];
    const buffer = new MessageBuffer((bytes) => {
      asked.push(bytes);
      return new Uint8Array(bytes);
    });
    for (let count = 0; count < 10_000; count += 1) buffer.append(new Uint8Array(1), 0, 1, 1);
    assert.ok(asked.length <= 8, `${asked.length} allocations`);
    assert.equal(buffer.length, 10_000);
  });

  test("empty content comes from the same allocator", () => {
    const made = Buffer.alloc(0);
    const buffer = new MessageBuffer(() => made);
    assert.equal(buffer.bytes, made);
    assert.equal(buffer.length, 0);
  });
});
