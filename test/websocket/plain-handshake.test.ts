import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import {
  acceptPlainUpgrade,
  checkPlainUpgrade,
  choosePlainUpgrade,
  NO_CHOICE,
} from "../../src/websocket/plain-handshake.ts";
import { SAMPLE_ACCEPT, SAMPLE_KEY } from "../support/raw-client.ts";

/** As much of a request as is looked at. */
function request(headers: Record<string, string> = {}): IncomingMessage {
  const defaults = {
    host: "example.com",
    upgrade: "websocket",
    connection: "Upgrade",
    "sec-websocket-version": "13",
    "sec-websocket-key": SAMPLE_KEY,
  };
  const fields = { method: "GET", httpVersion: "1.1", url: "/", headers: { ...defaults, ...headers } };
  return fields as unknown as IncomingMessage;
}

test("an accepted handshake is answered with 101 and nothing more than is needed", () => {
  assert.equal(
    acceptPlainUpgrade(request(), new PassThrough(), {}),
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      `Sec-WebSocket-Accept: ${SAMPLE_ACCEPT}\r\n\r\n`,
  );
});

test("headers are added to the answer, one line for each value", () => {
  const answer = acceptPlainUpgrade(request(), new PassThrough(), { "X-One": "1", "X-Two": ["a", "b"] });
  assert.match(answer, /\r\nX-One: 1\r\nX-Two: a\r\nX-Two: b\r\n\r\n$/);
});

test("a bad handshake is told, a good one is not", () => {
  assert.equal(checkPlainUpgrade(request({ upgrade: "h2c" }))?.status, 400);
  assert.equal(checkPlainUpgrade(request()), undefined);
});

test("compression is chosen if it is wished for and offered, and said in the answer", () => {
  const offer = request({ "sec-websocket-extensions": "x, permessage-deflate; client_max_window_bits" });
  assert.equal(choosePlainUpgrade(offer, undefined), NO_CHOICE);
  assert.equal(choosePlainUpgrade(request(), {}), NO_CHOICE);
  const choice = choosePlainUpgrade(offer, {});
  assert.equal(choice.deflate?.serverMaxWindowBits, 15);
  const answer = acceptPlainUpgrade(offer, new PassThrough(), {}, choice);
  assert.match(answer, /\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n$/);
});
