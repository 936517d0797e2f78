import assert from "node:assert/strict";
import { test } from "node:test";
import type { TransportSink } from "../../../src/client/transport.ts";
import { WebSocketTransport } from "../../../src/client/transports/websocket.ts";
import { FakePlatform } from "../../support/fake-platform.ts";

test("a packet is a message, both ways", () => {
  const told: unknown[][] = [];
  const sink: TransportSink = {
    onTransportOpen: () => told.push(["open"]),
    receivePacket: (packet) => told.push(["packet", packet]),
    receiveBinary: (data) => told.push(["binary", data]),
    onTransportClose: (error) => told.push(["close", error]),
  };
  const platform = new FakePlatform();
  const transport = new WebSocketTransport(platform, "ws://localhost/", { a: "b" }, sink);
  const { webSocket } = platform;
  assert.deepEqual([webSocket.url, webSocket.headers], ["ws://localhost/", { a: "b" }]);
  webSocket.open();
  webSocket.say("4text", "", Uint8Array.of(1));
  transport.sendPacket("4hello");
  transport.sendBinary(Uint8Array.of(2));
  assert.deepEqual(webSocket.take(), ["4hello", Uint8Array.of(2)]);
  webSocket.bufferedAmount = 17;
  assert.equal(transport.bufferedBytes, 17);
  transport.close();
  assert.equal(webSocket.isClosed, true);
  const error = new Error("lost");
  webSocket.lose(error);
  assert.deepEqual(
    [told[0], ...told.slice(2)],
    [["open"], ["packet", "4text"], ["packet", ""], ["binary", Uint8Array.of(1)], ["close", error]],
  );
});
