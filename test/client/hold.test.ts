import assert from "node:assert/strict";
import { test } from "node:test";
import { Hold } from "../../src/client/hold.ts";

test("the server decides until two requests in a row were cut", () => {
  const hold = new Hold();
  hold.cut(60_000);
  assert.equal(hold.ms, undefined);
  hold.served(60_000);
  hold.cut(60_000);
  assert.equal(hold.ms, undefined);
  hold.cut(60_000);
  assert.equal(hold.ms, 48_000);
});

test("an answer that came sooner says nothing of how long it may take", () => {
  const hold = new Hold();
  hold.cut(5000);
  hold.served(20);
  hold.cut(5000);
  assert.equal(hold.ms, 4000);
});

test("requests that fail at once were not cut", () => {
  const hold = new Hold();
  for (let attempt = 0; attempt < 10; attempt++) hold.cut(999);
  assert.equal(hold.ms, undefined);
});

test("it gets shorter until it is not worth its while", () => {
  const hold = new Hold();
  for (let round = 0; round < 2; round++) hold.cut(1249);
  assert.equal(hold.ms, 0);
});
