import assert from "node:assert/strict";
import { test } from "node:test";
import { HandshakeError, ProtocolError } from "../../src/protocol/errors.ts";

test("a protocol error knows its code, its close code and a sentence", () => {
  const error = new ProtocolError("WS_ERR_INVALID_UTF8", "Invalid text.");
  assert.ok(error instanceof Error);
  assert.equal(error.name, "ProtocolError");
  assert.equal(error.code, "WS_ERR_INVALID_UTF8");
  assert.equal(error.closeCode, 1007);
  assert.equal(error.message, "Invalid text.");
});

test("a handshake error knows its status and the headers of the answer", () => {
  const error = new HandshakeError("WS_ERR_HANDSHAKE_METHOD", 405, "No.", { Allow: "GET" });
  assert.ok(error instanceof Error);
  assert.equal(error.name, "HandshakeError");
  assert.equal(error.status, 405);
  assert.deepEqual(error.headers, { Allow: "GET" });
  assert.deepEqual(new HandshakeError("WS_ERR_HANDSHAKE_TIMEOUT", 0, "Late.").headers, {});
});
