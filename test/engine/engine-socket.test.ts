import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { type EngineSocket, PreparedMessage } from "../../src/engine/index.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { connectRaw, EngineClient } from "../support/engine-client.ts";
import { openPolling, send, startEngine, WEBSOCKET_PATH } from "../support/engine-server.ts";
import { next, record } from "../support/events.ts";

async function open(t: TestContext): Promise<{ socket: EngineSocket; client: EngineClient; port: number }> {
  const { engine, port } = await startEngine(t);
  const connected = next(engine, "connection");
  const client = await EngineClient.open(t, port, WEBSOCKET_PATH);
  const [socket]: [EngineSocket] = await connected;
  return { socket, client, port };
}

test("says who it is", async (t) => {
  const { socket, client } = await open(t);
  assert.equal(socket.id, client.handshake["sid"]);
  assert.equal(socket.readyState, "open");
  assert.equal(socket.transport.name, "websocket");
  assert.match(socket.remoteAddress, /127\.0\.0\.1$/);
  assert.equal(socket.request.url, WEBSOCKET_PATH);
  assert.equal(socket.request.secure, false);
  assert.equal(socket.bufferedBytes, 0);
});

test("takes messages, as text and as bytes", async (t) => {
  const { socket, client } = await open(t);
  const messages = record(socket, "message");
  const data = record(socket, "data");
  await client.send("4hällo");
  await client.sendBinary(Buffer.of(1, 2, 3));
  assert.deepEqual(await messages.take(), ["hällo", false]);
  const [bytes, isBinary] = await messages.take();
  assert.deepEqual([...(bytes as Uint8Array)], [1, 2, 3]);
  assert.equal(isBinary, true);
  assert.equal(data.all.length, 2);
});

test("sends text and bytes of any kind", async (t) => {
  const { socket, client } = await open(t);
  const bytes = Uint8Array.of(0, 1, 2, 3);
  assert.equal(socket.send("one").write("two"), socket);
  socket.send(bytes);
  socket.send(bytes.buffer);
  socket.send(new DataView(bytes.buffer, 1, 2));
  assert.equal(await client.next(), "4one");
  assert.equal(await client.next(), "4two");
  assert.deepEqual([...(await client.nextBinary())], [0, 1, 2, 3]);
  assert.deepEqual([...(await client.nextBinary())], [0, 1, 2, 3]);
  assert.deepEqual([...(await client.nextBinary())], [1, 2]);
});

test("says when it ends, once, and takes nothing after", async (t) => {
  const { socket, client } = await open(t);
  const closes = record(socket, "close");
  socket.send("last words");
  assert.equal(socket.close(), socket);
  assert.equal(socket.readyState, "closed");
  socket.send("too late").close();
  assert.equal(await client.next(), "4last words");
  await client.nextClose();
  assert.deepEqual(closes.all, [["forced close", "closed by the server"]]);
});

test("says when it moves", async (t) => {
  const { engine, port } = await startEngine(t);
  const connected = next(engine, "connection");
  const { path } = await openPolling(port);
  const [socket]: [EngineSocket] = await connected;
  assert.equal(socket.transport.name, "polling");
  const upgraded = next(socket, "upgrade");
  const raw = await connectRaw(t, port);
  await raw.open(path.replace("=polling", "=websocket"));
  await raw.sendText("2probe");
  assert.equal((await raw.nextFrame()).payload.toString(), "3probe");
  await raw.sendText("5");
  assert.deepEqual(await upgraded, [{ name: "websocket" }]);
  assert.equal(socket.transport.name, "websocket");
});

test("lets programs for engine.io forget the request", async (t) => {
  const { socket } = await open(t);
  socket.request = null;
  assert.equal(socket.request.url, WEBSOCKET_PATH);
});

test("has the session below, whose handler takes over", async (t) => {
  const { socket, client } = await open(t);
  const messages = record(socket, "message");
  const taken = new Promise((resolve) => {
    socket.session.handle({ receiveText: resolve, receiveBinary() {}, onClose() {} });
  });
  await client.send("4hello");
  assert.equal(await taken, "hello");
  assert.deepEqual(messages.all, []);
});

test("a poll that is cut ends it", async (t) => {
  const { engine, port } = await startEngine(t);
  const connected = next(engine, "connection");
  const { path } = await openPolling(port);
  const [socket]: [EngineSocket] = await connected;
  const closed = next(socket, "close");
  let cut = (): void => {};
  const held = send(port, path, { onSent: (abort) => (cut = abort) });
  // The held one has arrived when another, behind it, is answered.
  await send(port, path, { method: "POST", body: "3" });
  cut();
  await assert.rejects(held);
  assert.equal((await closed)[0], "transport error");
});

test("tells of single packets, as engine.io does", async (t) => {
  const clock = new FakeClock();
  const { engine, port } = await startEngine(t, { clock });
  const connected = next(engine, "connection");
  const client = await EngineClient.open(t, port, WEBSOCKET_PATH);
  const [socket]: [EngineSocket] = await connected;
  const told: unknown[][] = [];
  for (const name of ["packet", "packetCreate", "heartbeat", "message"] as const) {
    socket.on(name, (...args: readonly unknown[]) => void told.push([name, ...args]));
  }
  const bytes = Uint8Array.of(1);
  socket.send("a", { compress: false });
  socket.send(bytes);
  socket.session.sendPrepared(new PreparedMessage("b", [bytes]));
  clock.advance(25_000);
  for (let count = 0; count < 5; count++) await client.raw.nextFrame();
  const heard = next(socket, "message");
  await client.send("3");
  await client.send("4hi");
  await heard;
  const sent = (type: string, data: object, compress = true): unknown[] => [
    "packetCreate",
    { type, ...data, options: { compress } },
  ];
  assert.deepEqual(told, [
    sent("message", { data: "a" }, false),
    sent("message", { data: bytes }),
    sent("message", { data: "b" }),
    sent("message", { data: bytes }),
    sent("ping", {}),
    ["packet", { type: "pong" }],
    ["heartbeat"],
    ["packet", { type: "message", data: "hi" }],
    ["message", "hi", false],
  ]);
  socket.close();
  socket.send("too late");
  assert.equal(told.length, 9);
});
