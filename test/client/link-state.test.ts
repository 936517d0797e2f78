import assert from "node:assert/strict";
import { test } from "node:test";
import { webSocketLink } from "../support/fake-session.ts";
import { fakeClient, recordEvents } from "../support/fake-client.ts";

test("a message that is longer than the server takes ends the session, and is not sent", async () => {
  for (const [message, length] of [
    ["x".repeat(1_000_000), 1_000_001],
    ["é".repeat(500_000), 1_000_001],
    [new Uint8Array(1_000_001), 1_000_001],
  ] as const) {
    const { platform, session, handler, clock } = await webSocketLink();
    const socket = platform.webSocket;
    const texts = typeof message === "string" ? message : "1";
    session.send(texts, typeof message === "string" ? [] : [message]);
    assert.deepEqual(handler.end, {
      reason: "transport error",
      error: new Error(`A message of ${length} bytes: the server takes 1000000.`),
    });
    assert.deepEqual(socket.take(), ["1"]);
    assert.ok(socket.isClosed);
    assert.equal(clock.pending, 0);
  }
});

test("the longest that the server takes is sent", async () => {
  const { platform, session, handler } = await webSocketLink();
  session.send("é".repeat(499_999), [new Uint8Array(1_000_000)]);
  assert.equal(handler.end, undefined);
  assert.equal(platform.webSocket.take().length, 2);
});

test("more than may wait for the server's acknowledgement ends the session", async () => {
  const { platform, session, handler, clock } = await webSocketLink({ maxBufferedBytes: 300 });
  for (let count = 0; count < 10; count++) {
    session.send("0123456789", [Uint8Array.of(1)]);
    platform.webSocket.say(`6${2 * count + 2}`);
  }
  platform.webSocket.take();
  for (let count = 0; count < 4; count++) session.send("01234567890", []);
  assert.ok(handler.isOpen);
  session.send("", []);
  assert.deepEqual(handler.end, {
    reason: "transport error",
    error: new Error("More than 300 bytes wait."),
  });
  assert.equal(clock.pending, 0);
});

test("events that wait for the next connection go on waiting if one of them ends it", () => {
  const { platform, socket, clock, log } = fakeClient({ transports: ["websocket", "polling"] });
  const events = recordEvents(socket, "connect", "disconnect");
  socket.emit("one");
  socket.emit("two", "x".repeat(1_000_000));
  socket.emit("three");
  const join = (): (string | Uint8Array)[] => {
    platform.webSocket.openLink();
    platform.webSocket.take();
    platform.webSocket.say('40{"sid":"id"}');
    return platform.webSocket.take();
  };
  assert.deepEqual(join(), ['42["one"]', "1"]);
  clock.advance(1000);
  assert.deepEqual(join(), ['42["three"]']);
  assert.deepEqual(
    events.map(([name, reason]) => [name, reason]),
    [
      ["disconnect", "transport error"],
      ["connect", undefined],
    ],
  );
  log.assertEmpty();
});
