import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeReliable } from "../../support/reliable-client.ts";

test("handlers keep the place where they were first set, may be replaced and removed", () => {
  const { platform, clock, socket } = fakeReliable();
  const called: string[] = [];
  const note = (what: string) => () => void called.push(what);
  assert.equal(socket.onopen, null);
  socket.onopen = note("old");
  socket.addEventListener("open", note("listener"));
  const handler = note("new");
  socket.onopen = handler;
  assert.equal(socket.onopen, handler);
  platform.webSocket.accept();
  assert.deepEqual(called.splice(0), ["new", "listener"]);
  socket.onopen = null;
  socket.onclose = 5 as unknown as null;
  assert.deepEqual([socket.onopen, socket.onclose], [null, null]);
  platform.webSocket.lose();
  clock.advance(1000);
  platform.webSocket.accept();
  assert.deepEqual(called, ["listener"]);
});

test("each event has a handler, called with the socket as this", async () => {
  const { platform, socket } = fakeReliable({ maxQueuedMessages: 0, overflow: "drop-newest" });
  const called: string[] = [];
  const handler = function (this: typeof socket, event: Event): void {
    assert.ok(this === socket && event.target === socket);
    called.push(event.type);
  };
  Object.assign(socket, { onopen: handler, onmessage: handler, onreconnecting: handler, onerror: handler });
  socket.ondrop = handler;
  socket.onclose = handler;
  socket.send("x");
  platform.webSocket.accept();
  platform.webSocket.say("x");
  platform.webSocket.lose(new Error("x"));
  socket.close();
  await Promise.resolve();
  assert.deepEqual(called, ["drop", "open", "message", "error", "reconnecting", "close"]);
});

test("listeners are added and removed as on any EventTarget", () => {
  const { platform, socket } = fakeReliable();
  const called: string[] = [];
  const ended = new AbortController();
  const removed = (): void => void called.push("removed");
  socket.addEventListener("message", removed);
  socket.addEventListener("message", {
    handleEvent: ({ data }) => void called.push(`object ${String(data)}`),
  });
  socket.addEventListener("message", () => void called.push("once"), { once: true });
  socket.addEventListener("message", () => void called.push("signal"), { signal: ended.signal });
  socket.removeEventListener("message", removed);
  platform.webSocket.accept();
  platform.webSocket.say("1");
  ended.abort();
  platform.webSocket.say("2");
  assert.deepEqual(called, ["object 1", "once", "signal", "object 2"]);
});
