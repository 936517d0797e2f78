import assert from "node:assert/strict";
import { test } from "node:test";
import { SharedStrings } from "../../src/engine/shared-strings.ts";

test("a string stays what it is, however many and however long they are", () => {
  const strings = new SharedStrings();
  for (let round = 0; round < 2; round++) {
    for (let index = 0; index < 600; index++) {
      const text = "x".repeat(index);
      assert.equal(strings.share(text), text);
    }
  }
});
