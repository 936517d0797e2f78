import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { AckError } from "../../src/shared/pending-acks.ts";
import type { Socket } from "../../src/sockets/socket.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { connectRaw, EngineClient, SESSION_PATH } from "../support/engine-client.ts";
import { startServer } from "../support/fixture.ts";
import { startJoined } from "../support/joined.ts";
import { nextOf } from "../support/stock-client.ts";

describe("acknowledgements of the client's events", () => {
  test("are sent once, whatever is called twice", async (t) => {
    const { socket, client } = await startJoined(t);
    socket.on("ask", (ack: (...args: unknown[]) => void) => {
      ack(1, "two", null);
      ack(3);
    });
    await client.send('427["ask"]');
    await client.send('428["ask"]');
    assert.equal(await client.next(), '437[1,"two",null]');
    assert.equal(await client.next(), '438[1,"two",null]');
  });

  test("may come later, in any order, with bytes", async (t) => {
    const { socket, client } = await startJoined(t);
    const acks: ((...args: unknown[]) => void)[] = [];
    socket.on("ask", (ack: () => void) => acks.push(ack));
    await client.send('421["ask"]');
    await client.send('422["ask"]');
    await client.send('423["x"]');
    while (acks.length < 2) await new Promise(setImmediate);
    acks[1]!(Buffer.of(5));
    acks[0]!();
    assert.equal(await client.next(), '461-2[{"_placeholder":true,"num":0}]');
    assert.deepEqual(await client.nextBinary(), Buffer.of(5));
    assert.equal(await client.next(), "431[]");
  });

  test("are nothing once the client is gone", async (t) => {
    const { socket, client, io, port } = await startJoined(t);
    const asked = nextOf(socket, "ask");
    await client.send('421["ask"]');
    const [ack] = (await asked) as [(...args: unknown[]) => void];
    const left = nextOf(socket, "disconnect");
    await client.send("41");
    await left;
    ack("too late");
    await client.joinNamespace();
    const gone = nextOf([...io.sockets.sockets.values()][0]!, "disconnect");
    client.raw.destroy();
    await gone;
    ack("much too late");
    await EngineClient.join(t, port);
  });
});

describe("acknowledgements of our events", () => {
  test("have ids of their own, and settle once", async (t) => {
    const { socket, client } = await startJoined(t);
    const got: unknown[][] = [];
    socket.emit("one", (...args: unknown[]) => got.push(["one", ...args]));
    socket.emit("two", { x: 1 }, (...args: unknown[]) => got.push(["two", ...args]));
    assert.equal(await client.next(), '420["one"]');
    assert.equal(await client.next(), '421["two",{"x":1}]');
    for (const packet of ['431["b"]', '430["a",1]', '430["again"]', '431["again"]', '432["unknown"]']) {
      await client.send(packet);
    }
    await client.send("41");
    await nextOf(socket, "disconnect");
    assert.deepEqual(got, [
      ["two", "b"],
      ["one", "a", 1],
    ]);
  });

  test("run into their limit exactly, and what comes later is ignored", async (t) => {
    const clock = new FakeClock();
    const { socket, client } = await startJoined(t, { clock });
    const got: unknown[][] = [];
    socket.timeout(1000).emit("ask", (...args: unknown[]) => got.push(args));
    const promise = socket.timeout(1000).emitWithAck("ask");
    const before = clock.pending;
    clock.advance(999);
    assert.deepEqual(got, []);
    clock.advance(1);
    await assert.rejects(promise, { name: "AckError", code: "timeout" });
    assert.equal(got.length, 1);
    assert.equal((got[0]![0] as { code: string }).code, "timeout");
    assert.equal(clock.pending, before - 2);
    await client.send('430["late"]');
    await client.send("41");
    await nextOf(socket, "disconnect");
    assert.equal(got.length, 1);
    client.raw.destroy();
  });

  test("in time stop the clock and come with null first", async (t) => {
    const clock = new FakeClock();
    const { socket, client } = await startJoined(t, { clock });
    const before = clock.pending;
    const got = new Promise((resolve) => {
      socket.timeout(1000).emit("ask", (...args: unknown[]) => resolve(args));
    });
    assert.equal(clock.pending, before + 1);
    await client.send('430["yes",2]');
    assert.deepEqual(await got, [null, "yes", 2]);
    assert.equal(clock.pending, before);
    client.raw.destroy();
  });

  test("are given up when the client is gone", async (t) => {
    const clock = new FakeClock();
    const { io, socket, client } = await startJoined(t, { clock });
    let called = false;
    socket.emit("ask", () => (called = true));
    const promises = [socket.emitWithAck("ask"), socket.timeout(1000).emitWithAck("ask")];
    client.raw.destroy();
    for (const promise of promises) await assert.rejects(promise, { name: "AckError", code: "disconnected" });
    await assert.rejects(socket.emitWithAck("ask"), { code: "disconnected" });
    await assert.rejects(socket.timeout(10).emitWithAck("ask"), { code: "disconnected" });
    assert.equal(called, false);
    await io.close();
    assert.equal(clock.pending, 0);
  });
});

describe("what can't be sent", () => {
  test("throws to the caller and leaves nothing pending", async (t) => {
    const clock = new FakeClock();
    const { io, socket, client } = await startJoined(t, { clock });
    const before = clock.pending;
    const circular: Record<string, unknown> = {};
    circular["a"] = circular;
    circular["b"] = circular;
    assert.throws(() => socket.emit("x", circular), /circular/);
    assert.throws(() => socket.emit("x", circular, () => {}), /circular/);
    assert.throws(() => socket.emit("x", 1n), TypeError);
    assert.throws(() => socket.timeout(1000).emit("x", circular, () => {}), /circular/);
    await assert.rejects(socket.timeout(1000).emitWithAck("x", circular), /circular/);
    await assert.rejects(socket.emitWithAck("x", circular), /circular/);
    assert.throws(() => socket.to("room").emit("x", circular), /circular/);
    for (const target of [socket, socket.broadcast, io, io.to("room")]) {
      assert.throws(() => target.emit("x", { file: new Blob(["x"]) }), /arrayBuffer\(\)/);
    }
    assert.equal(clock.pending, before);
    socket.emit("next");
    assert.equal(await client.next(), '42["next"]');
    client.raw.destroy();
  });

  test("an acknowledgement that can't be sent throws to the listener", async (t) => {
    const { io, socket, client } = await startJoined(t);
    const reported = nextOf(io, "handler_error");
    socket.on("ask", (ack: (value: unknown) => void) => ack(1n));
    await client.send('421["ask"]');
    assert.ok((await reported)[0] instanceof TypeError);
  });

  test("reserved names are refused", async (t) => {
    const { socket } = await startJoined(t);
    for (const name of [
      "connect",
      "connect_error",
      "disconnect",
      "disconnecting",
      "newListener",
      "removeListener",
    ]) {
      assert.throws(() => socket.emit(name), TypeError);
      assert.throws(() => socket.volatile.emit(name), TypeError);
      assert.throws(() => socket.broadcast.emit(name), TypeError);
    }
  });
});

describe("rooms", () => {
  test("are joined and left at once, and `rooms` is a copy", async (t) => {
    const { socket } = await startJoined(t);
    const joining = socket.join(["a", "b"]);
    assert.deepEqual([...socket.rooms], [socket.id, "a", "b"]);
    await joining;
    const leaving = socket.leave("a");
    assert.deepEqual([...socket.rooms], [socket.id, "b"]);
    await leaving;
    socket.rooms.add("c");
    socket.rooms.delete("b");
    assert.deepEqual([...socket.rooms], [socket.id, "b"]);
  });

  test("are full while disconnecting and empty afterwards, and can't be joined any more", async (t) => {
    const { io, socket, client } = await startJoined(t);
    await socket.join("a");
    const seen: unknown[] = [];
    socket.on("disconnecting", () => seen.push([...socket.rooms], socket.connected, io.sockets.sockets.size));
    socket.on("disconnect", () => seen.push([...socket.rooms], socket.connected, io.sockets.sockets.size));
    const left = nextOf(socket, "disconnect");
    await client.send("41");
    await left;
    assert.deepEqual(seen, [[socket.id, "a"], true, 1, [], false, 0]);
    await socket.join("b");
    await socket.leave("a");
    assert.equal(socket.rooms.size, 0);
  });
});

describe("disconnecting", () => {
  test("twice, also from within, is once", async (t) => {
    const { socket, client } = await startJoined(t);
    const seen: unknown[] = [];
    socket.on("disconnecting", (reason) => {
      seen.push(["disconnecting", reason]);
      socket.disconnect();
    });
    socket.on("disconnect", (reason) => {
      seen.push(["disconnect", reason]);
      socket.disconnect(true);
    });
    assert.equal(socket.disconnect(), socket);
    socket.disconnect();
    assert.deepEqual(seen, [
      ["disconnecting", "server namespace disconnect"],
      ["disconnect", "server namespace disconnect"],
    ]);
    assert.equal(await client.next(), "41");
    await client.joinNamespace();
  });

  test("with `close` ends the connection for all its namespaces", async (t) => {
    const { io, socket, client } = await startJoined(t);
    const reasons: string[] = [];
    io.of("/admin").on("connection", (other) => {
      other.on("disconnect", (reason) => reasons.push(reason));
    });
    await client.joinNamespace("/admin");
    socket.disconnect(true);
    assert.equal(await client.next(), "41");
    assert.equal(await client.next(), "41/admin,");
    assert.equal(await client.nextClose(), undefined);
    assert.deepEqual(reasons, ["server namespace disconnect"]);
  });

  test("in the connection listener is possible", async (t) => {
    const { io, port } = await startServer(t);
    io.once("connection", (socket) => void socket.disconnect());
    const client = await EngineClient.open(t, port);
    await client.send("40");
    assert.match(await client.next(), /^40\{/);
    assert.equal(await client.next(), "41");
    await client.joinNamespace();
  });

  test("silences the socket", async (t) => {
    const { socket, client, io } = await startJoined(t);
    socket.disconnect();
    socket.emit("late");
    socket.volatile.emit("late");
    io.emit("late");
    assert.equal(await client.next(), "41");
    await client.joinNamespace();
  });
});

test("volatile events are dropped for a client that does not read", async (t) => {
  const { socket, client, io } = await startJoined(t);
  client.raw.stream.pause();
  // More than any buffer of the operating system: it piles up here.
  const block = "x".repeat(1_000_000);
  for (let count = 0; count < 20; count++) socket.emit("block", block);
  await new Promise(setImmediate);
  socket.volatile.emit("lost");
  io.volatile.emit("lost");
  const told: unknown[][] = [];
  socket.volatile.emit("lost", (...args: unknown[]) => void told.push(["without an error", args]));
  socket.volatile.timeout(60_000).emit("lost", (error: AckError) => void told.push(["with one", error.code]));
  assert.deepEqual(told, []);
  await assert.rejects(socket.volatile.emitWithAck("lost"), { name: "AckError", code: "buffer_full" });
  await assert.rejects(socket.timeout(60_000).volatile.emitWithAck("lost"), { code: "buffer_full" });
  assert.deepEqual(told, [["with one", "buffer_full"]]);
  socket.emit("kept");
  client.raw.stream.resume();
  for (let count = 0; count < 20; count++) assert.match(await client.next(), /^42\["block"/);
  assert.equal(await client.next(), '42["kept"]');
  const caughtUp = nextOf(socket, "caught up");
  await client.send('42["caught up"]');
  await caughtUp;
  io.volatile.emit("heard again");
  assert.equal(await client.next(), '42["heard again"]');
});

test("a client that reads too slowly is cut off at maxBufferedBytes", async (t) => {
  const { socket, client, io } = await startJoined(t, { maxBufferedBytes: 1_000_000 });
  client.raw.stream.pause();
  const left = nextOf(socket, "disconnect");
  const block = "x".repeat(1_000_000);
  for (let count = 0; count < 30 && socket.connected; count++) {
    socket.emit("block", block);
    await new Promise(setImmediate);
  }
  assert.equal((await left)[0], "transport error");
  assert.equal(io.sockets.sockets.size, 0);
});

test("send and write are the event message, and what stands for other things is there", async (t) => {
  const { io, socket, client } = await startJoined(t);
  socket.send("a", 1);
  socket.write("b");
  io.send("c");
  io.of("/").write("d");
  io.compress(true).volatile.emit("e");
  socket.compress(false).emit("f");
  for (const packet of [
    '["message","a",1]',
    '["message","b"]',
    '["message","c"]',
    '["message","d"]',
    '["e"]',
  ]) {
    assert.equal(await client.next(), `42${packet}`);
  }
  assert.equal(await client.next(), '42["f"]');
  assert.deepEqual(
    [socket.recovered, socket.connected, socket.disconnected, socket.nsp === io.of("/")],
    [false, true, false, true],
  );
  assert.equal(socket.request.url, socket.handshake.url);
  assert.equal(socket.handshake, socket.handshake);
  socket.data = { replaced: true };
  assert.deepEqual(socket.data, { replaced: true });
});

test("catch-all listeners hear every event first, with its acknowledgement", async (t) => {
  const { socket, client } = await startJoined(t);
  const heard: unknown[] = [];
  socket.onAny((name: string, ...args: unknown[]) => {
    heard.push(["any", name, args.length]);
    (args.at(-1) as (value: string) => void)("from any");
  });
  socket.on("ask", () => void heard.push("ask"));
  await client.send('421["ask",1]');
  assert.equal(await client.next(), '431["from any"]');
  assert.deepEqual(heard, [["any", "ask", 2], "ask"]);
});

test("compress(false) is told to the session, for one and for many", async (t) => {
  const { io, port, client } = await startJoined(t, { perMessageDeflate: { threshold: 0 } });
  const offer = { "Sec-WebSocket-Extensions": "permessage-deflate" };
  const raw = await connectRaw(t, port);
  await raw.open(SESSION_PATH, offer);
  await raw.nextFrame();
  const other = nextOf(io, "connection");
  await raw.sendText("40");
  const [peer] = (await other) as [Socket];
  peer.emit("squeezed");
  peer.compress(false).emit("plain");
  io.compress(false).emit("plain");
  io.emit("squeezed");
  await raw.nextFrame();
  const compressed: boolean[] = [];
  for (let count = 0; count < 4; count++) compressed.push((await raw.nextFrame()).rsv === 4);
  assert.deepEqual(compressed, [true, false, false, true]);
  for (const event of ["plain", "squeezed"]) assert.equal(await client.next(), `42["${event}"]`);
});

test("what a callback throws that is told of an event that was not sent is reported", async (t) => {
  const { io, socket } = await startJoined(t);
  const reported = nextOf(io, "handler_error");
  socket.disconnect();
  socket.timeout(10).emit("late", (error: AckError) => {
    throw error;
  });
  const [error, { event }] = (await reported) as [AckError, { event: string }];
  assert.deepEqual([error.code, event], ["disconnected", "acknowledgement"]);
});
