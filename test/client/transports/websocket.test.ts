import assert from "node:assert/strict";
import { test } from "node:test";
import { Endpoint } from "../../../src/client/endpoint.ts";
import { Hold } from "../../../src/client/hold.ts";
import { SessionFacts } from "../../../src/client/session-facts.ts";
import { WebSocketTransport } from "../../../src/client/transports/websocket.ts";
import { FakePlatform } from "../../support/fake-platform.ts";
import { RecordingTransportSink } from "../../support/recording-transport-sink.ts";

test("a packet is a message, both ways", () => {
  const sink = new RecordingTransportSink();
  const platform = new FakePlatform();
  const endpoint = new Endpoint("http://localhost", { extraHeaders: { a: "b" } }, platform);
  const transport = new WebSocketTransport(endpoint, new SessionFacts(false, new Hold()), sink);
  const { webSocket } = platform;
  assert.equal(webSocket.url, "ws://localhost/socket.io/?EIO=4&transport=websocket&errors=1&drain=1");
  assert.deepEqual(webSocket.headers, { a: "b" });
  webSocket.open();
  webSocket.say("4text", "", Uint8Array.of(1));
  transport.send("4hello");
  transport.send(Uint8Array.of(2));
  assert.deepEqual(webSocket.take(), ["4hello", Uint8Array.of(2)]);
  webSocket.bufferedAmount = 17;
  assert.equal(transport.bufferedBytes, 17);
  const error = new Error("lost");
  webSocket.lose(error);
  const told = sink.take();
  assert.deepEqual(
    [told[0], ...told.slice(2)],
    [["open"], ["packet", "4text"], ["packet", ""], ["binary", Uint8Array.of(1)], ["close", error]],
  );
});

test("says nothing after it was closed", () => {
  const sink = new RecordingTransportSink();
  const platform = new FakePlatform();
  const endpoint = new Endpoint("http://localhost", {}, platform);
  const transport = new WebSocketTransport(endpoint, new SessionFacts(false, new Hold()), sink);
  transport.close();
  assert.equal(platform.webSocket.isClosed, true);
  platform.webSocket.open();
  platform.webSocket.lose();
  assert.deepEqual(sink.take(), []);
});
