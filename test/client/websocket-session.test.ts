import assert from "node:assert/strict";
import { test } from "node:test";
import { makeIo } from "../../src/client/io.ts";
import type { ClientOptions } from "../../src/client/options.ts";
import { webSocketSessions } from "../../src/client/websocket-session.ts";
import { recordEvents } from "../support/fake-client.ts";
import { FakePlatform } from "../support/fake-platform.ts";

function client(options: ClientOptions = {}) {
  const platform = new FakePlatform();
  return {
    platform,
    clock: platform.clock,
    socket: makeIo(platform, webSocketSessions)("http://localhost", options),
  };
}

test("asks for no link, and opens nothing but one WebSocket", () => {
  const { platform, socket } = client();
  assert.equal(new URL(platform.webSocket.url).searchParams.get("link"), null);
  platform.webSocket.openLink();
  platform.webSocket.say('40{"sid":"x"}', "2", '42["hi"]');
  socket.emit("picture", Uint8Array.of(1));
  assert.deepEqual(platform.webSocket.take(), [
    "40",
    "3",
    '451-["picture",{"_placeholder":true,"num":0}]',
    Uint8Array.of(1),
  ]);
  assert.deepEqual([platform.webSockets.length, platform.requests.length], [1, 0]);
});

test("a session ends with its WebSocket, with the network, and by silence", () => {
  const events: unknown[] = [];
  for (const end of [
    ({ platform }: ReturnType<typeof client>) => platform.webSocket.lose(),
    ({ platform }: ReturnType<typeof client>) => platform.webSocket.lose(new Error("cut")),
    ({ platform }: ReturnType<typeof client>) => platform.tell("offline"),
    ({ clock }: ReturnType<typeof client>) => clock.advance(500),
    ({ platform }: ReturnType<typeof client>) => platform.webSocket.say("9"),
    ({ socket }: ReturnType<typeof client>) => socket.disconnect(),
  ]) {
    const made = client({ reconnection: false });
    made.platform.webSocket.join();
    const told = recordEvents(made.socket, "disconnect");
    end(made);
    events.push(told[0]?.[1]);
    assert.equal(made.clock.pending, 0);
    assert.ok(made.platform.webSocket.isClosed);
  }
  assert.deepEqual(events, [
    "transport close",
    "transport error",
    "transport close",
    "ping timeout",
    "parse error",
    "io client disconnect",
  ]);
});

test("gives up an opening that takes too long", () => {
  const { platform, clock, socket } = client({ timeout: 50, reconnection: false });
  const errors = recordEvents(socket, "connect_error");
  clock.advance(50);
  assert.equal(errors.length, 1);
  assert.ok(platform.webSocket.isClosed);
});

test("other transports are refused with a sentence", () => {
  assert.throws(() => client({ transports: ["websocket", "polling"] }), {
    name: "TypeError",
    message: /no transport but/,
  });
  assert.equal(client({ transports: ["websocket"] }).platform.webSockets.length, 1);
});
