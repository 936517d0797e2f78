import assert from "node:assert/strict";
import { test } from "node:test";
import { PreparedMessage } from "../../src/engine/index.ts";

test("an encoding is made once for each name", () => {
  const message = new PreparedMessage("text", [Uint8Array.of(1)]);
  assert.equal(message.text, "text");
  assert.deepEqual(message.attachments, [Uint8Array.of(1)]);
  const made: string[] = [];
  const encode = (name: string) =>
    message.encoding(name, (given) => {
      assert.equal(given, message);
      made.push(name);
      return Buffer.from(name);
    });
  const first = encode("one");
  assert.equal(encode("one"), first);
  assert.deepEqual(encode("two"), Buffer.from("two"));
  assert.equal(encode("one"), first);
  assert.deepEqual(made, ["one", "two"]);
  assert.deepEqual(new PreparedMessage("text").attachments, []);
  assert.equal(new PreparedMessage("aä€").textBytes, 6);
});
