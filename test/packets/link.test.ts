import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeLinkMove, PacketError, parseCount, parseLinkMove } from "../../src/packets/index.ts";

test("a count is digits", () => {
  for (const [text, count] of [
    ["0", 0],
    ["7", 7],
    ["007", 7],
    ["999999999999999", 999_999_999_999_999],
  ] as const) {
    assert.equal(parseCount(text), count);
  }
});

test("nothing else is a count", () => {
  for (const text of [
    "",
    " ",
    "1 ",
    "-1",
    "+1",
    "1.5",
    "1e3",
    "0x1",
    "x",
    "١",
    "1\n",
    "1".repeat(16),
    "probe",
  ]) {
    assert.throws(() => parseCount(text), PacketError, JSON.stringify(text));
  }
});

test("a move is two counts", () => {
  for (const move of [
    { move: 0, ack: 0 },
    { move: 12, ack: 345 },
  ]) {
    assert.deepEqual(parseLinkMove(encodeLinkMove(move)), move);
  }
  assert.equal(encodeLinkMove({ move: 3, ack: 4 }), "3,4");
});

test("nothing else is a move", () => {
  for (const data of ["", ",", "1", "1,", ",1", "1,2,3", "1;2", "-1,2", "1,-2", "a,b", "1, 2"]) {
    assert.throws(() => parseLinkMove(data), PacketError, JSON.stringify(data));
  }
});
