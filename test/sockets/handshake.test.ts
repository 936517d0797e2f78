import assert from "node:assert/strict";
import { test } from "node:test";
import { handshakeOf } from "../../src/sockets/handshake.ts";

const REQUEST = {
  url: "/socket.io/?EIO=4&name=Ada+L%2E&__proto__=x&name=Bob",
  headers: { origin: "http://localhost" },
  address: "127.0.0.1",
  secure: true,
  issuedAtMs: 1_700_000_000_000,
};

test("a handshake holds what the request said", () => {
  const auth = { token: 1 };
  const handshake = handshakeOf(REQUEST, auth);
  assert.equal(handshake.auth, auth);
  assert.equal(handshake.headers, REQUEST.headers);
  assert.equal(handshake.url, REQUEST.url);
  assert.equal(handshake.address, "127.0.0.1");
  assert.equal(handshake.secure, true);
  assert.equal(handshake.issued, 1_700_000_000_000);
  assert.equal(handshake.context, undefined);
  assert.equal(handshakeOf({ ...REQUEST, context: "ada" }, auth).context, "ada");
  assert.equal(new Date(handshake.time).getTime(), 1_700_000_000_000);
});

test("the query is no more than a list of names and values", () => {
  const { query } = handshakeOf(REQUEST, {});
  assert.deepEqual(Object.entries(query), [
    ["EIO", "4"],
    ["name", "Bob"],
    ["__proto__", "x"],
  ]);
  assert.equal(query["constructor"], undefined);
  assert.deepEqual(Object.keys(handshakeOf({ ...REQUEST, url: "/" }, {}).query), []);
});
