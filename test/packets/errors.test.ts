import assert from "node:assert/strict";
import { test } from "node:test";
import { PacketError } from "../../src/packets/index.ts";

test("a packet error has a name, a stable code and a sentence", () => {
  const error = new PacketError("Text came while binary attachments were due.");
  assert.ok(error instanceof Error);
  assert.equal(error.name, "PacketError");
  assert.equal(error.code, "PACKET_INVALID");
  assert.equal(String(error), "PacketError: Text came while binary attachments were due.");
});
