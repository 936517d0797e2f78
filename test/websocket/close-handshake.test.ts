import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { WebSocket } from "../../src/websocket/websocket.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { next, record } from "../support/events.ts";
import { RawServer } from "../support/raw-server.ts";
import { makeClient, openRaw, startServer } from "../support/websocket-server.ts";
import { closeBody, closeOf, frame, OPCODE } from "../support/wire-frames.ts";

describe("a client that closes", () => {
  const SHAPES: [string, Buffer, number, string, number | undefined][] = [
    ["without a body", Buffer.alloc(0), 1005, "", undefined],
    ["with 1000", closeBody(1000), 1000, "", 1000],
    ["with a reason", closeBody(1001, "leaving 🙂"), 1001, "leaving 🙂", 1001],
    ["with an application's code", closeBody(4321, "x".repeat(123)), 4321, "x".repeat(123), 4321],
    ["with a library's code", closeBody(3000), 3000, "", 3000],
    ["with 1012", closeBody(1012), 1012, "", 1012],
  ];
  for (const [name, body, code, reason, answer] of SHAPES) {
    test(`${name} is told ${code}, answered in kind, and the server ends first`, async (t) => {
      const { wss } = await startServer(t);
      const { client, socket } = await openRaw(t, wss, { allowHalfOpen: true });
      const closes = record(socket, "close");
      await client.sendFrame(OPCODE.close, body);
      const reply = await client.nextFrame();
      assert.equal(closeOf(reply)?.code, answer);
      await client.ended();
      assert.equal(closes.all.length, 0);
      assert.equal(socket.readyState, WebSocket.CLOSING);
      client.end();
      const [toldCode, toldReason] = await closes.take();
      assert.equal(toldCode, code);
      assert.ok(Buffer.isBuffer(toldReason));
      assert.equal(toldReason.toString(), reason);
      assert.equal(socket.readyState, WebSocket.CLOSED);
      assert.equal(client.unread.length, 0);
      assert.equal(wss.clients.size, 0);
    });
  }

  test("and sends on is not heard", async (t) => {
    const { wss } = await startServer(t);
    const { client, socket } = await openRaw(t, wss);
    const messages = record(socket, "message");
    const closed = next(socket, "close");
    await client.send(
      Buffer.concat([frame(OPCODE.close, closeBody(1000)), frame(OPCODE.text, "one more thing")]),
    );
    assert.equal((await closed)[0], 1000);
    assert.equal(messages.all.length, 0);
  });

  test("without a close frame: 1006", async (t) => {
    const { wss } = await startServer(t);
    for (const leave of ["end", "destroy"] as const) {
      const { client, socket } = await openRaw(t, wss);
      const closed = next(socket, "close");
      client[leave]();
      const [code, reason] = await closed;
      assert.deepEqual([code, reason.length], [1006, 0], leave);
    }
  });

  test("by a reset: 1006, and nothing else suffers", async (t) => {
    const { wss } = await startServer(t);
    const { client, socket } = await openRaw(t, wss);
    const closed = next(socket, "close");
    client.stream.resetAndDestroy();
    assert.equal((await closed)[0], 1006);
  });
});

describe("a server that closes", () => {
  const SHAPES: [string, [number?, string?], { code: number; reason: string } | undefined][] = [
    ["without a code", [], undefined],
    ["with 1000", [1000], { code: 1000, reason: "" }],
    ["with a code and a reason", [4000, "enough"], { code: 4000, reason: "enough" }],
  ];
  for (const [name, args, expected] of SHAPES) {
    test(`${name} is told the client's answer`, async (t) => {
      const { wss } = await startServer(t);
      const { client, socket } = await openRaw(t, wss);
      const closed = next(socket, "close");
      socket.close(...args);
      assert.equal(socket.readyState, WebSocket.CLOSING);
      assert.deepEqual(closeOf(await client.nextFrame()), expected);
      await client.sendFrame(OPCODE.close, closeBody(4567, "all right"));
      assert.equal(await client.closed(), "ended");
      const [code, reason] = await closed;
      assert.deepEqual([code, reason.toString()], [4567, "all right"]);
      assert.equal(client.unread.length, 0);
    });
  }

  test("still hears what the client said before it answered", async (t) => {
    const { wss } = await startServer(t);
    const { client, socket } = await openRaw(t, wss);
    const messages = record(socket, "message");
    const closed = next(socket, "close");
    socket.close(1000);
    await client.nextFrame();
    await client.sendText("last words");
    await client.sendFrame(OPCODE.close, closeBody(1000));
    await closed;
    assert.deepEqual(
      messages.all.map(([data]) => data.toString()),
      ["last words"],
    );
  });

  test("twice, sends one close frame", async (t) => {
    const { wss } = await startServer(t);
    const { client, socket } = await openRaw(t, wss);
    socket.close(1000, "first");
    socket.close(1001, "second");
    assert.deepEqual(closeOf(await client.nextFrame()), { code: 1000, reason: "first" });
    await client.sendFrame(OPCODE.close, closeBody(1000));
    await client.closed();
    assert.equal(client.unread.length, 0);
  });

  test("at the same time as the client: both close frames cross, each is taken as the answer", async (t) => {
    const { wss } = await startServer(t);
    const { client, socket } = await openRaw(t, wss);
    const closed = next(socket, "close");
    socket.close(1001);
    await client.sendFrame(OPCODE.close, closeBody(1000));
    assert.equal(closeOf(await client.nextFrame())?.code, 1001);
    await client.closed();
    assert.equal((await closed)[0], 1000);
    assert.equal(client.unread.length, 0);
  });

  test("what may not be sent throws, and the connection stays open", async (t) => {
    const { wss } = await startServer(t);
    const { client, socket } = await openRaw(t, wss);
    assert.throws(() => socket.close(1006), TypeError);
    assert.throws(() => socket.close(1000, "x".repeat(124)), RangeError);
    assert.throws(() => socket.close(undefined, "no code"), TypeError);
    assert.equal(socket.readyState, WebSocket.OPEN);
    socket.send("still here");
    assert.equal((await client.nextFrame()).payload.toString(), "still here");
  });

  test("terminate ends it at once: no close frame, 1006", async (t) => {
    const { wss } = await startServer(t);
    const { client, socket } = await openRaw(t, wss);
    const closed = next(socket, "close");
    socket.terminate();
    assert.equal((await closed)[0], 1006);
    await client.closed();
    assert.equal(client.unread.length, 0);
  });

  test("terminate in the connection listener", async (t) => {
    const { wss, url } = await startServer(t);
    const closed = new Promise<number>((resolve) => {
      wss.on("connection", (socket) => {
        socket.on("close", resolve);
        socket.terminate();
      });
    });
    const client = makeClient(t, url);
    assert.equal((await next(client, "close"))[0], 1006);
    assert.equal(await closed, 1006);
    assert.equal(wss.clients.size, 0);
  });
});

describe("a peer that never finishes the close handshake", () => {
  test("after our close: is dropped after closeTimeout, 1006", async (t) => {
    const clock = new FakeClock();
    const { wss } = await startServer(t, { clock, closeTimeout: 5000 });
    const { client, socket } = await openRaw(t, wss, { allowHalfOpen: true });
    const closes = record(socket, "close");
    socket.close(1000);
    await client.nextFrame();
    clock.advance(4999);
    // A message makes the round to show that the connection is still there.
    const message = next(socket, "message");
    await client.sendText("still here");
    await message;
    assert.equal(closes.all.length, 0);
    clock.advance(1);
    assert.equal((await closes.take())[0], 1006);
    await client.ended();
    assert.equal(clock.pending, 0);
  });

  test("after its own close, by not ending its stream: is dropped, with its code", async (t) => {
    const clock = new FakeClock();
    const { wss } = await startServer(t, { clock });
    const { client, socket } = await openRaw(t, wss, { allowHalfOpen: true });
    const closed = next(socket, "close");
    await client.sendFrame(OPCODE.close, closeBody(1001, "brb"));
    await client.ended();
    clock.advance(30_000);
    const [code, reason] = await closed;
    assert.deepEqual([code, reason.toString()], [1001, "brb"]);
    assert.equal(clock.pending, 0);
  });

  test("after a breach: is dropped, too", async (t) => {
    const clock = new FakeClock();
    const { wss } = await startServer(t, { clock });
    const { client, socket } = await openRaw(t, wss, { allowHalfOpen: true });
    const closed = next(socket, "close");
    await client.send(Buffer.of(0xff, 0xff));
    await client.ended();
    clock.advance(30_000);
    assert.equal((await closed)[0], 1006);
    assert.equal(clock.pending, 0);
  });

  test("one that answers in time leaves no timer behind", async (t) => {
    const clock = new FakeClock();
    const { wss } = await startServer(t, { clock });
    const { client, socket } = await openRaw(t, wss);
    const closed = next(socket, "close");
    socket.close();
    assert.equal(clock.pending, 1);
    await client.nextFrame();
    await client.sendFrame(OPCODE.close);
    await closed;
    assert.equal(clock.pending, 0);
  });
});

describe("our client", () => {
  test("answers a close and lets the server end first", async (t) => {
    const server = await RawServer.start({ allowHalfOpen: true });
    t.after(() => server.stop());
    const client = makeClient(t, server.url);
    const peer = await server.acceptWebSocket();
    await next(client, "open");
    const closes = record(client, "close");
    await peer.sendFrame(OPCODE.close, closeBody(1012, "restart"));
    const reply = await peer.nextFrame();
    assert.ok(reply.masked);
    assert.equal(closeOf(reply)?.code, 1012);
    assert.equal(closes.all.length, 0);
    peer.end();
    const [code, reason] = await closes.take();
    assert.deepEqual([code, reason.toString()], [1012, "restart"]);
    await peer.closed();
  });

  test("that closes waits for the answer, and for the server to end", async (t) => {
    const server = await RawServer.start({ allowHalfOpen: true });
    t.after(() => server.stop());
    const client = makeClient(t, server.url);
    const peer = await server.acceptWebSocket();
    await next(client, "open");
    const closed = next(client, "close");
    client.close(3001, "ciao");
    assert.deepEqual(closeOf(await peer.nextFrame()), { code: 3001, reason: "ciao" });
    await peer.sendFrame(OPCODE.close);
    peer.end();
    assert.equal((await closed)[0], 1005);
    await peer.closed();
  });

  test("whose server never answers gives up after closeTimeout", async (t) => {
    const clock = new FakeClock();
    const server = await RawServer.start({ allowHalfOpen: true });
    t.after(() => server.stop());
    const client = makeClient(t, server.url, undefined, { clock, closeTimeout: 100 });
    const peer = await server.acceptWebSocket();
    await next(client, "open");
    const closed = next(client, "close");
    client.close();
    await peer.nextFrame();
    clock.advance(100);
    assert.equal((await closed)[0], 1006);
    assert.equal(clock.pending, 0);
  });

  test("whose server drops the connection: 1006", async (t) => {
    const server = await RawServer.start();
    t.after(() => server.stop());
    const client = makeClient(t, server.url);
    const peer = await server.acceptWebSocket();
    await next(client, "open");
    peer.destroy();
    assert.equal((await next(client, "close"))[0], 1006);
  });

  test("refuses masked frames: 1002", async (t) => {
    const server = await RawServer.start();
    t.after(() => server.stop());
    const client = makeClient(t, server.url);
    const peer = await server.acceptWebSocket();
    const error = next(client, "error");
    await peer.sendText("masked", { mask: [1, 2, 3, 4] });
    assert.equal(closeOf(await peer.nextFrame())?.code, 1002);
    assert.equal(((await error)[0] as Error & { code: string }).code, "WS_ERR_UNEXPECTED_MASK");
  });
});
