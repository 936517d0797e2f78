import assert from "node:assert/strict";
import { test } from "node:test";
import { checkNames, checkObject } from "../../src/shared/known-names.ts";

test("a name that nobody knows is refused, with those that are known", () => {
  checkNames("drain", { overMs: 1 }, ["overMs", "timeoutMs"]);
  checkNames("drain", {}, []);
  assert.throws(() => checkNames("drain", { over: 1 }, ["overMs", "timeoutMs"]), {
    name: "TypeError",
    message: 'The option "drain" knows overMs, timeoutMs, not "over".',
  });
});

test("what is no object is refused", () => {
  for (const value of [undefined, null, 5, "x", []]) {
    assert.throws(() => checkObject("limits", value), { name: "TypeError", message: /^The option "limits"/ });
  }
});
