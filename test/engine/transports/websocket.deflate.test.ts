import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import { type EngineSocket, PreparedMessage, Server, type ServerOptions } from "../../../src/engine/index.ts";
import { EngineClient } from "../../support/engine-client.ts";
import { startEngine, WEBSOCKET_PATH } from "../../support/engine-server.ts";
import { frame, OPCODE, type ReceivedFrame } from "../../support/wire-frames.ts";

const OFFER = "permessage-deflate; client_max_window_bits";
const RSV1 = 4;
const LONG = "long ".repeat(1000);

/** A server with the option, and a client that offers what it says; without compression if that is nothing. */
async function open(
  t: Parameters<typeof startEngine>[0],
  perMessageDeflate: ServerOptions["perMessageDeflate"],
  offer: string | null = OFFER,
) {
  const { engine, port } = await startEngine(t, perMessageDeflate === undefined ? {} : { perMessageDeflate });
  const sockets: EngineSocket[] = [];
  engine.on("connection", (socket) => void sockets.push(socket));
  const connect = async (offered = offer): Promise<EngineClient> =>
    EngineClient.open(t, port, WEBSOCKET_PATH, { "Sec-WebSocket-Extensions": offered ?? undefined });
  const client = await connect();
  return { client, connect, sockets, socket: sockets[0]! };
}

/** The message that a frame holds, and whether it was compressed. */
function read({ rsv, payload }: ReceivedFrame): [text: string, isCompressed: boolean] {
  if (rsv === 0) return [payload.toString(), false];
  assert.equal(rsv, RSV1);
  const whole = Buffer.concat([payload, Buffer.of(0, 0, 0xff, 0xff)]);
  return [inflateRawSync(whole, { finishFlush: constants.Z_SYNC_FLUSH }).toString(), true];
}

describe("compression", () => {
  test("is not agreed on unless it is wanted, by both", async (t) => {
    for (const [option, offer] of [
      [undefined, OFFER],
      [false, OFFER],
      [true, null],
      [true, "x-webkit-deflate-frame"],
    ] as const) {
      const { client, socket } = await open(t, option, offer);
      socket.send(LONG);
      assert.deepEqual(read(await client.raw.nextFrame()), [`4${LONG}`, false]);
    }
  });

  test("is for messages from the threshold on, one by one", async (t) => {
    const { client, socket } = await open(t, { threshold: 300 });
    const text = "x".repeat(298);
    socket.send(text);
    socket.send(`${text}x`);
    socket.send("é".repeat(150), {});
    socket.send(`${text}x`, { compress: false });
    socket.send(Buffer.alloc(299));
    socket.send(Buffer.alloc(300));
    socket.send(Buffer.alloc(300), { compress: false });
    const seen: boolean[] = [];
    for (let count = 0; count < 7; count++) seen.push((await client.raw.nextFrame()).rsv === RSV1);
    assert.deepEqual(seen, [false, true, true, false, false, true, false]);
  });

  test("has a threshold of 1,024 bytes unless said", async (t) => {
    const { client, socket } = await open(t, true);
    socket.send("x".repeat(1022));
    socket.send("x".repeat(1023));
    assert.deepEqual(read(await client.raw.nextFrame()), [`4${"x".repeat(1022)}`, false]);
    assert.deepEqual(read(await client.raw.nextFrame()), [`4${"x".repeat(1023)}`, true]);
  });

  test("is understood, and what is too long when inflated is refused", async (t) => {
    const { client, socket } = await open(t, true);
    const received: unknown[] = [];
    socket.on("message", (data) => void received.push(data));
    const closed = new Promise((resolve) => void socket.on("close", resolve));
    for (const text of [`4${LONG}`, `4${"x".repeat(1_000_000)}`]) {
      const deflated = deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH });
      await client.raw.send(frame(OPCODE.text, deflated.subarray(0, -4), { rsv: RSV1 }));
    }
    assert.equal(await client.nextClose(), 1009);
    assert.equal(await closed, "transport error");
    assert.deepEqual(received, [LONG]);
  });

  test("of a prepared message is done once for all that agreed on the same", async (t) => {
    const { client, connect, sockets } = await open(t, true);
    const clients = [client, await connect(), await connect("permessage-deflate; server_max_window_bits=10")];
    const plain = await connect(null);
    const bytes = Buffer.alloc(5000, "bytes ");
    const message = new PreparedMessage(LONG, [bytes]);
    for (const { session } of sockets) session.sendPrepared(message);
    for (const each of clients) {
      assert.deepEqual(read(await each.raw.nextFrame()), [`4${LONG}`, true]);
      assert.deepEqual(read(await each.raw.nextFrame()), [bytes.toString(), true]);
    }
    assert.deepEqual(read(await plain.raw.nextFrame()), [`4${LONG}`, false]);
    assert.deepEqual(read(await plain.raw.nextFrame()), [bytes.toString(), false]);
    const uncompressed = new PreparedMessage(LONG, [], false);
    for (const { session } of sockets) session.sendPrepared(uncompressed);
    for (const each of [...clients, plain]) {
      assert.deepEqual(read(await each.raw.nextFrame()), [`4${LONG}`, false]);
    }
  });

  test("with options that can't be is refused", () => {
    assert.throws(() => new Server({ perMessageDeflate: { serverMaxWindowBits: 16 } }), RangeError);
  });
});
