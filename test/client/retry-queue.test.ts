import assert from "node:assert/strict";
import { test } from "node:test";
import { joinedClient, recordEvents } from "../support/fake-client.ts";

test("events go one after the other, each when the one before it is acknowledged", async () => {
  const { platform, socket } = joinedClient({ retries: 2 });
  const first = socket.emitWithAck("first");
  const got: unknown[][] = [];
  socket.emit("second", 2, (...args: unknown[]) => got.push(args));
  socket.emit("third");
  assert.deepEqual(platform.webSocket.take(), ['420["first"]']);
  assert.equal(socket.bufferedEvents, 3);
  platform.webSocket.say('430["one"]');
  assert.equal(await first, "one");
  assert.deepEqual(platform.webSocket.take(), ['421["second",2]']);
  platform.webSocket.say('431["two"]');
  assert.deepEqual(got, [[null, "two"]]);
  assert.deepEqual(platform.webSocket.take(), ['422["third"]']);
  platform.webSocket.say("432[]");
  assert.deepEqual([socket.bufferedEvents, socket.bufferedBytes], [0, 0]);
});

test("what is not acknowledged in time is sent again, and given up in the end", async () => {
  const { platform, clock, socket } = joinedClient({ retries: 2, ackTimeout: 100 });
  const lost = socket.emitWithAck("lost");
  const next = socket.timeout(50).emitWithAck("next");
  for (let count = 0; count < 3; count++) {
    assert.deepEqual(platform.webSocket.take(), ['420["lost"]']);
    clock.advance(100);
  }
  await assert.rejects(lost, { name: "AckError", code: "timeout" });
  assert.deepEqual(platform.webSocket.take(), ['421["next"]']);
  clock.advance(50);
  assert.deepEqual(platform.webSocket.take(), ['421["next"]']);
  // It does not matter which of the two it answers.
  platform.webSocket.say('431["yes"]');
  assert.equal(await next, "yes");
});

test("what was under way when the connection was lost is sent again on the next, first", async () => {
  const { platform, clock, socket } = joinedClient({ retries: 1 });
  const first = socket.emitWithAck("first");
  socket.emit("second");
  platform.webSocket.lose();
  socket.emit("third");
  assert.equal(socket.bufferedEvents, 3);
  clock.advance(1000);
  platform.webSocket.open();
  platform.webSocket.take();
  platform.webSocket.say('40{"sid":"2"}');
  assert.deepEqual(platform.webSocket.take(), ['420["first"]']);
  platform.webSocket.lose();
  await assert.rejects(first, { name: "AckError", code: "disconnected" });
  clock.advance(1000);
  platform.webSocket.open();
  platform.webSocket.take();
  platform.webSocket.say('40{"sid":"3"}', "431[]");
  assert.deepEqual(platform.webSocket.take(), ['421["second"]', '422["third"]']);
});

test("what the server says about an event is an answer, and not tried again", async () => {
  const { platform, socket } = joinedClient({ retries: 5 });
  const asked = socket.emitWithAck("rename", "x");
  platform.webSocket.take();
  platform.webSocket.say('440{"code":"name_taken","message":"x is taken."}');
  await assert.rejects(asked, { name: "EventError", code: "name_taken" });
  assert.deepEqual(platform.webSocket.take(), []);
});

test("one that nobody waits for is told by the manager when it is given up", () => {
  const { platform, clock, socket, log } = joinedClient({ retries: 1, ackTimeout: 10 });
  const errors = recordEvents(socket.io, "emit_error");
  socket.emit("lost");
  clock.advance(10);
  clock.advance(10);
  assert.equal((errors[0]![1] as { code: string }).code, "timeout");
  assert.equal(errors[0]?.[2], "/");
  assert.deepEqual(log.take(), []);
  assert.equal(platform.webSocket.take().length, 2);
});

test("volatile events stand outside", () => {
  const { platform, socket } = joinedClient({ retries: 1 });
  socket.emit("first");
  socket.volatile.emit("position", 1);
  assert.deepEqual(platform.webSocket.take(), ['420["first"]', '42["position",1]']);
});

test("a callback that throws holds up nothing", () => {
  const { platform, socket, log } = joinedClient({ retries: 1 });
  socket.emit("first", () => {
    throw new Error("mine");
  });
  socket.emit("second");
  platform.webSocket.take();
  platform.webSocket.say("430[]");
  assert.deepEqual(platform.webSocket.take(), ['421["second"]']);
  assert.equal(log.take().length, 1);
});
