import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock } from "../../../src/testing/fake-clock.ts";
import { connectRaw, EngineClient, SESSION_PATH } from "../../support/engine-client.ts";
import { POLLING_PATH, send, startEngine, WEBSOCKET_PATH } from "../../support/engine-server.ts";
import { startServer } from "../../support/fixture.ts";
import { handshakeText } from "../../support/raw-client.ts";
import { frame, OPCODE } from "../../support/wire-frames.ts";

describe("heartbeats on the wire, on a clock that is moved by hand", () => {
  test("the ping comes exactly after the interval, and every interval after a pong", async (t) => {
    const clock = new FakeClock();
    const { io, port } = await startServer(t, { clock });
    io.on("connection", (socket) => void socket.on("now?", (ack: () => void) => ack()));
    const client = await EngineClient.join(t, port);
    for (let beat = 0; beat < 3; beat++) {
      clock.advance(24_999);
      // Had a ping been sent, it would come before this answer.
      await client.send('421["now?"]');
      assert.equal(await client.next(), "431[]");
      clock.advance(1);
      assert.equal(await client.next(), "2");
      clock.advance(19_999);
      await client.send("3");
      await client.send('422["now?"]');
      assert.equal(await client.next(), "432[]");
    }
  });

  test("without a pong the connection ends after the timeout, and no timer stays", async (t) => {
    const clock = new FakeClock();
    const { io, port } = await startServer(t, { clock });
    const reasons: unknown[] = [];
    io.on("connection", (socket) => void socket.on("disconnect", (...args) => reasons.push(args)));
    const client = await EngineClient.join(t, port);
    clock.advance(25_000);
    assert.equal(await client.next(), "2");
    clock.advance(19_999);
    assert.deepEqual(reasons, []);
    clock.advance(1);
    assert.deepEqual(reasons, [["ping timeout", { clean: false, description: "no pong came in time" }]]);
    await client.raw.ended();
    await io.close();
    assert.equal(clock.pending, 0);
  });
});

test("one that joins no namespace is closed when its time is over", async (t) => {
  const clock = new FakeClock();
  const { io, port } = await startServer(t, { clock, connectTimeout: 1000 });
  const idle = await EngineClient.open(t, port);
  const lost = await EngineClient.open(t, port);
  await lost.send("40/nowhere");
  assert.equal(await lost.next(), '44/nowhere,{"message":"Invalid namespace"}');
  const joined = await EngineClient.join(t, port);
  clock.advance(999);
  await lost.send("40/nowhere");
  assert.equal(await lost.next(), '44/nowhere,{"message":"Invalid namespace"}');
  clock.advance(1);
  assert.equal(await idle.nextClose(), undefined);
  assert.equal(await lost.nextClose(), undefined);
  clock.advance(10_000);
  await joined.send("41");
  await joined.joinNamespace();
  joined.raw.destroy();
  await io.close();
  assert.equal(clock.pending, 0);
});

test("closing the server says 1001, and cuts off who does not answer", async (t) => {
  const clock = new FakeClock();
  const { io, port } = await startServer(t, { clock, shutdownTimeout: 500 });
  const polite = await EngineClient.join(t, port);
  const rude = await EngineClient.join(t, port);
  let closed = false;
  const closing = io.close().then(() => (closed = true));
  const [frame] = await Promise.all([rude.raw.nextFrame(), polite.raw.nextFrame()]);
  assert.equal(frame.opcode, OPCODE.close);
  assert.equal(frame.payload.readUInt16BE(0), 1001);
  await polite.raw.sendFrame(OPCODE.close, Buffer.of(0x03, 0xe9));
  await polite.raw.ended();
  polite.raw.end();
  clock.advance(499);
  assert.equal(closed, false);
  clock.advance(1);
  await rude.raw.ended();
  await closing;
  assert.equal(clock.pending, 0);
});

test("a client that does not wait for anything is understood", async (t) => {
  const { io, port } = await startServer(t);
  io.on("connection", (socket) => void socket.on("hello", (ack: (text: string) => void) => ack("you")));
  const raw = await connectRaw(t, port);
  const frames = ["40", '421["hello"]'].map((packet) => frame(OPCODE.text, packet));
  await raw.send(Buffer.concat([Buffer.from(handshakeText(SESSION_PATH)), ...frames]));
  assert.equal((await raw.head()).status, 101);
  const packets = [await raw.nextFrame(), await raw.nextFrame(), await raw.nextFrame()];
  assert.match(packets[0]!.payload.toString(), /^0\{/);
  assert.match(packets[1]!.payload.toString(), /^40\{"sid":/);
  assert.equal(packets[2]!.payload.toString(), '431["you"]');
});

test("text is understood whatever it holds", async (t) => {
  const { io, port } = await startServer(t);
  io.on("connection", (socket) => void socket.on("echo", (text: string) => socket.emit("echo", text)));
  const client = await EngineClient.join(t, port);
  for (const text of ["plain", "ä", "€", "😀", "", "\u0000", "x".repeat(70_000), "ß".repeat(70_000)]) {
    await client.send(`42${JSON.stringify(["echo", text])}`);
    assert.equal(await client.next(), `42${JSON.stringify(["echo", text])}`);
  }
});

test("binary has memory of its own", async (t) => {
  const { io, port } = await startServer(t);
  const kept: Buffer[] = [];
  io.on("connection", (socket) => {
    socket.on("keep", (bytes: Buffer, ack: () => void) => {
      kept.push(bytes);
      ack();
    });
  });
  const client = await EngineClient.join(t, port);
  for (let round = 0; round < 3; round++) {
    const bytes = Buffer.alloc(1000, round);
    const packets = [
      frame(OPCODE.text, '451-7["keep",{"_placeholder":true,"num":0}]'),
      frame(OPCODE.binary, bytes),
    ];
    await client.raw.send(Buffer.concat(packets));
    assert.equal(await client.next(), "437[]");
  }
  for (const [round, bytes] of kept.entries()) {
    assert.deepEqual(bytes, Buffer.alloc(1000, round));
    assert.equal(bytes.buffer.byteLength <= 16_384, true);
  }
});

test("a message that is too long ends a link: the client is told when it comes back", async (t) => {
  const { engine, port } = await startEngine(t, { maxHttpBufferSize: 1000 });
  const reasons: unknown[] = [];
  engine.on("connection", (socket) => socket.on("close", (...reason) => void reasons.push(...reason)));
  const client = await EngineClient.open(t, port, `${WEBSOCKET_PATH}&link=1`);
  const [sid] = Object.keys(engine.clients);
  await client.send("4".repeat(1001));
  assert.equal(await client.nextClose(), 1009);
  assert.deepEqual(reasons, [
    "transport error",
    "The message is longer than the 1000 bytes that are accepted.",
  ]);
  const { status, text } = await send(port, `${POLLING_PATH}&sid=${sid}&move=1&ack=0`);
  assert.deepEqual([status, text], [400, '{"code":1,"message":"Session ID unknown"}']);
});
