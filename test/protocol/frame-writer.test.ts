import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { headerBytes, MAX_HEADER_BYTES, writeHeader } from "../../src/protocol/frame-writer.ts";

/** A header's bytes in hex, written at `offset` of a buffer that must not change elsewhere. */
function header(firstByte: number, payloadBytes: number, maskKey?: number, offset = 0): string {
  const target = Buffer.alloc(offset + MAX_HEADER_BYTES + 3, 0xee);
  const end = writeHeader(target, offset, firstByte, payloadBytes, maskKey);
  assert.equal(end - offset, headerBytes(payloadBytes, maskKey !== undefined));
  assert.ok(target.subarray(0, offset).every((byte) => byte === 0xee));
  assert.ok(target.subarray(end).every((byte) => byte === 0xee));
  return target.toString("hex", offset, end);
}

describe("a frame's header", () => {
  const LENGTHS: [number, string][] = [
    [0, "00"],
    [1, "01"],
    [124, "7c"],
    [125, "7d"],
    [126, "7e007e"],
    [127, "7e007f"],
    [65534, "7efffe"],
    [65535, "7effff"],
    [65536, "7f0000000000010000"],
    [65537, "7f0000000000010001"],
    [0xffffffff, "7f00000000ffffffff"],
    [0x100000000, "7f0000000100000000"],
    [Number.MAX_SAFE_INTEGER, "7f001fffffffffffff"],
  ];
  for (const [length, form] of LENGTHS) {
    test(`for ${length} bytes takes the shortest form`, () => {
      assert.equal(header(0x82, length), `82${form}`);
      const masked = (Number.parseInt(form.slice(0, 2), 16) | 0x80).toString(16) + form.slice(2);
      assert.equal(header(0x81, length, 0x37fa213d), `81${masked}37fa213d`);
      assert.equal(header(0x82, length, undefined, 5), `82${form}`);
    });
  }

  test("a key may be 0, or signed", () => {
    assert.equal(header(0x89, 5, 0), "898500000000");
    assert.equal(header(0x89, 5, 0xfedcba98 | 0), "8985fedcba98");
  });
});
