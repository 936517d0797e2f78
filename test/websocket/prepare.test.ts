import assert from "node:assert/strict";
import { test } from "node:test";
import { prepareBinary, prepareText } from "../../src/websocket/prepare.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { frame, OPCODE } from "../support/wire-frames.ts";

test("a prepared text is one unmasked frame of a server", () => {
  for (const text of ["", "a", "é".repeat(62), "é".repeat(63), "x".repeat(65_535), "漢".repeat(30_000)]) {
    assert.ok(prepareText(text).equals(frame(OPCODE.text, text, { mask: false })));
  }
});

test("so is a prepared binary message", () => {
  const random = new SeededRandom(4);
  for (const length of [0, 1, 125, 126, 65_535, 65_536]) {
    const payload = random.bytes(length);
    assert.ok(prepareBinary(payload).equals(frame(OPCODE.binary, payload, { mask: false })));
  }
});
