import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { next, record } from "../support/events.ts";
import { RawServer } from "../support/raw-server.ts";
import { echo, makeClient, openRaw, startServer } from "../support/websocket-server.ts";
import { closeOf, frame, OPCODE } from "../support/wire-frames.ts";

describe("maxPayload", () => {
  const LIMIT = 1000;

  test("a message of the limit is taken, one byte more is 1009", async (t) => {
    const { wss } = await startServer(t, { maxPayload: LIMIT });
    echo(wss);
    const { client, socket } = await openRaw(t, wss);
    const error = next(socket, "error");
    await client.sendBinary(Buffer.alloc(LIMIT));
    assert.equal((await client.nextFrame()).payload.length, LIMIT);
    await client.sendBinary(Buffer.alloc(LIMIT + 1));
    const reply = closeOf(await client.nextFrame());
    assert.equal(reply?.code, 1009);
    assert.match(reply.reason, /1000/);
    assert.equal(((await error)[0] as Error & { code: string }).code, "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH");
    assert.equal(await client.closed(), "ended");
  });

  test("the header alone is enough", async (t) => {
    const { wss } = await startServer(t, { maxPayload: LIMIT });
    const { client } = await openRaw(t, wss);
    await client.send(frame(OPCODE.binary, "", { announced: 10_000_000n }));
    assert.equal(closeOf(await client.nextFrame())?.code, 1009);
    await client.closed();
  });

  test("fragments are added up", async (t) => {
    const { wss } = await startServer(t, { maxPayload: LIMIT });
    const { client } = await openRaw(t, wss);
    await client.sendFrame(OPCODE.text, "x".repeat(LIMIT), { fin: false });
    await client.sendFrame(OPCODE.continuation, "", { fin: false });
    await client.sendFrame(OPCODE.continuation, "x");
    assert.equal(closeOf(await client.nextFrame())?.code, 1009);
    await client.closed();
  });

  test("10 MB as a first message: the whole of it is sent and the close frame still arrives", async (t) => {
    const { wss } = await startServer(t, { maxPayload: 1_000_000 });
    echo(wss);
    const other = await openRaw(t, wss);
    const { client } = await openRaw(t, wss, { allowHalfOpen: true });
    const sent = client.sendBinary(Buffer.alloc(10_000_000));
    assert.equal(closeOf(await client.nextFrame())?.code, 1009);
    await sent;
    client.end();
    assert.equal(await client.closed(), "ended");
    await other.client.sendText("fine");
    assert.equal((await other.client.nextFrame()).payload.toString(), "fine");
  });

  test("by default 100 MiB: one byte more is refused by its header", async (t) => {
    const { wss } = await startServer(t);
    const { client } = await openRaw(t, wss);
    await client.send(frame(OPCODE.binary, "", { announced: 100n * 1024n * 1024n + 1n }));
    assert.equal(closeOf(await client.nextFrame())?.code, 1009);
    await client.closed();
  });

  test("0 is no limit", async (t) => {
    const { wss } = await startServer(t, { maxPayload: 0 });
    const { client, socket } = await openRaw(t, wss);
    const errors = record(socket, "error");
    const closed = next(socket, "close");
    await client.send(frame(OPCODE.binary, "the beginning", { announced: 1n << 40n }));
    client.end();
    assert.equal((await closed)[0], 1006);
    assert.equal(errors.all.length, 0);
    assert.equal(client.unread.length, 0);
  });

  test("holds for clients, too", async (t) => {
    const server = await RawServer.start();
    t.after(() => server.stop());
    const client = makeClient(t, server.url, undefined, { maxPayload: 10 });
    const peer = await server.acceptWebSocket();
    const closed = next(client, "close");
    await peer.sendText("x".repeat(11));
    assert.equal(closeOf(await peer.nextFrame())?.code, 1009);
    assert.equal((await closed)[0], 1006);
  });
});

describe("a reader that does not read", () => {
  const LIMIT = 1 << 20;

  test("is dropped when more than maxBufferedBytes wait for it; others get everything", async (t) => {
    const { wss } = await startServer(t, { maxBufferedBytes: LIMIT });
    const slow = await openRaw(t, wss);
    const quick = await openRaw(t, wss);
    const errors = record(slow.socket, "error");
    const closed = next(slow.socket, "close");
    slow.client.stream.pause();
    const chunk = Buffer.alloc(64 * 1024);
    let sent = 0;
    // What the operating system takes in is not ours; it is some megabytes at most.
    while (slow.socket.readyState === slow.socket.OPEN) {
      slow.socket.send(chunk);
      quick.socket.send(chunk);
      sent += 1;
      assert.ok(slow.socket.bufferedAmount <= LIMIT + chunk.length + 10);
      assert.equal((await quick.client.nextFrame()).payload.length, chunk.length);
      assert.ok(sent < 10_000, "it is never dropped");
    }
    assert.equal((await closed)[0], 1006);
    assert.deepEqual(
      errors.all.map(([error]) => (error as Error & { code: string }).code),
      ["WS_ERR_BUFFER_FULL"],
    );
    assert.ok(sent * chunk.length > LIMIT);
    quick.socket.send("still friends");
    assert.equal((await quick.client.nextFrame()).payload.toString(), "still friends");
  });

  test("does not fill us with answers to its pings", async (t) => {
    const { wss } = await startServer(t, { maxBufferedBytes: 64 * 1024 });
    const { client, socket } = await openRaw(t, wss);
    const closed = next(socket, "close");
    client.stream.pause();
    const pings = Buffer.concat(Array.from({ length: 1000 }, () => frame(OPCODE.ping, "x".repeat(125))));
    for (let count = 0; count < 1000 && socket.readyState === socket.OPEN; count += 1) {
      await client.send(pings);
      assert.ok(socket.bufferedAmount <= 64 * 1024 + 131);
    }
    client.stream.resume();
    assert.equal((await closed)[0], 1006);
  });
});
