import assert from "node:assert/strict";
import { test } from "node:test";
import { closePayload } from "../../src/websocket/close-payload.ts";

test("the body of a close frame: nothing, a code, or a code and a reason", () => {
  assert.equal(closePayload().toString("hex"), "");
  assert.equal(closePayload(1000).toString("hex"), "03e8");
  assert.equal(closePayload(4999, "ciao").toString("hex"), `1387${Buffer.from("ciao").toString("hex")}`);
  assert.equal(closePayload(1001, "é").toString("hex"), "03e9c3a9");
});

test("a reason may take 123 bytes of UTF-8, not one more", () => {
  assert.equal(closePayload(1000, "x".repeat(123)).length, 125);
  assert.equal(closePayload(1000, `${"é".repeat(61)}x`).length, 125);
  assert.throws(() => closePayload(1000, "x".repeat(124)), RangeError);
  assert.throws(() => closePayload(1000, "é".repeat(62)), /124/);
});

test("codes that may not be sent are refused", () => {
  for (const code of [0, 999, 1004, 1005, 1006, 1015, 2999, 5000, Number.NaN, -1]) {
    assert.throws(() => closePayload(code), TypeError, String(code));
  }
});

test("a reason needs a code", () => {
  assert.throws(() => closePayload(undefined, "why"), TypeError);
});
