import assert from "node:assert/strict";
import { test } from "node:test";
import { isValidCloseCode } from "../../src/protocol/close-codes.ts";

test("of all codes only the registered ones, and those of libraries and applications, may be sent", () => {
  const valid = Array.from({ length: 65_536 }, (_, code) => code).filter(isValidCloseCode);
  const registered = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014];
  const free = Array.from({ length: 2000 }, (_, index) => 3000 + index);
  assert.deepEqual(valid, [...registered, ...free]);
});

test("what is not a number of two bytes is never valid", () => {
  for (const code of [-1000, 66_536, Number.NaN, Infinity]) assert.equal(isValidCloseCode(code), false);
});
