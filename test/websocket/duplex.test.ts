import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { Duplex } from "node:stream";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { describe, test, type TestContext } from "node:test";
import { createWebSocketStream, WebSocket } from "../../src/websocket/index.ts";
import { RecordingLogger } from "../support/recording-logger.ts";
import { noise } from "../support/payloads.ts";
import { client, nextOf, openRaw, serve, until } from "../support/web-sockets.ts";
import { OPCODE } from "../support/wire-frames.ts";

const MIB = 1024 * 1024;

async function pair(t: TestContext, perMessageDeflate = false) {
  const { wss, url } = await serve(t, { perMessageDeflate });
  const connection = nextOf(wss, "connection");
  const near = client(t, url);
  const nearStream = createWebSocketStream(near);
  const opened = nextOf(near, "open");
  const [far] = (await connection) as [WebSocket];
  const farStream = createWebSocketStream(far);
  // The other side may be torn down by a test.
  farStream.on("error", () => {});
  await opened;
  return { near, far, nearStream, farStream };
}

async function* source(bytes: number): AsyncGenerator<Buffer> {
  const sizes = [1, 100, 65_536, 30_000, 200_000];
  for (let sent = 0, index = 0; sent < bytes; index += 1) {
    const size = Math.min(sizes[index % sizes.length]!, bytes - sent);
    sent += size;
    yield noise(size, index % 7);
  }
}

async function digestOf(stream: AsyncIterable<Buffer>): Promise<{ bytes: number; digest: string }> {
  const hash = createHash("sha1");
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    hash.update(chunk);
  }
  return { bytes, digest: hash.digest("hex") };
}

const quiet = new RecordingLogger();

test("50 MB go each way at the same time, and arrive as they were", async (t) => {
  const { nearStream, farStream } = await pair(t);
  const size = 50 * MIB;
  const expected = await digestOf(source(size));
  const received = Promise.all([digestOf(nearStream), digestOf(farStream)]);
  let largest = 0;
  const watch = setInterval(() => {
    largest = Math.max(largest, nearStream.readableLength, farStream.readableLength);
  }, 5);
  t.after(() => clearInterval(watch));
  const write = async (stream: Duplex): Promise<void> => {
    for await (const chunk of source(size)) {
      if (!stream.write(chunk)) await nextOf(stream, "drain");
    }
  };
  await Promise.all([write(nearStream), write(farStream)]);
  nearStream.end();
  farStream.end();
  const [near, far] = await received;
  assert.deepEqual(near, expected);
  assert.deepEqual(far, expected);
  assert.ok(largest < 2 * MIB, `${largest}`);
});

test("pipes of Node work, with compression", async (t) => {
  const { nearStream, farStream } = await pair(t, true);
  const size = 5 * MIB;
  const received = digestOf(farStream);
  await pipeline(
    Readable.from(source(size)),
    nearStream,
    async (rest) => void (await digestOf(rest as Duplex)),
  );
  assert.deepEqual(await received, await digestOf(source(size)));
});

describe("back-pressure", () => {
  test("a reader that reads nothing makes the peer wait", async (t) => {
    const { nearStream, farStream, far } = await pair(t);
    let written = 0;
    while (!far.isPaused || nearStream.writableLength === 0) {
      nearStream.write(noise(MIB / 4));
      written += MIB / 4;
      await new Promise((resolve) => setImmediate(resolve));
      assert.ok(written < 200 * MIB);
    }
    assert.equal(far.isPaused, true);
    assert.ok(farStream.readableLength < 2 * MIB);
    let read = 0;
    farStream.on("data", (chunk: Buffer) => (read += chunk.length));
    await until(() => read === written);
  });

  test("writing calls back when the operating system has the message", async (t) => {
    const { near, nearStream, farStream } = await pair(t);
    farStream.resume();
    await new Promise<void>((resolve, reject) => {
      nearStream.write(noise(MIB), (error) => {
        if (error instanceof Error) reject(error);
        else resolve();
      });
    });
    assert.equal(near.bufferedAmount, 0);
  });
});

describe("the end", () => {
  test("of one side ends the other, and both are closed", async (t) => {
    const { near, far, nearStream, farStream } = await pair(t);
    const closes = [nextOf(nearStream, "close"), nextOf(farStream, "close")];
    nearStream.resume();
    farStream.resume();
    farStream.on("end", () => farStream.end());
    nearStream.end("last words");
    const [code] = await nextOf(far, "close");
    assert.equal(code, 1005);
    await Promise.all(closes);
    assert.equal(nearStream.destroyed && farStream.destroyed, true);
    assert.equal(near.readyState, WebSocket.CLOSED);
  });

  test("may be asked for before the WebSocket is open; what was written arrives", async (t) => {
    const { wss, url } = await serve(t);
    const seen = nextOf(wss, "connection").then(([socket]) => nextOf(socket as object, "message"));
    const stream = createWebSocketStream(client(t, url));
    stream.resume();
    stream.end("early");
    await nextOf(stream, "close");
    assert.equal(String((await seen)[0]), "early");
  });

  test("of a peer that has left without a word is the end of the stream", async (t) => {
    const { far, nearStream } = await pair(t);
    nearStream.resume();
    far.terminate();
    await nextOf(nearStream, "end");
  });

  test("destroy ends the WebSocket, with or without an error", async (t) => {
    for (const error of [undefined, new Error("enough")]) {
      const { near, far, nearStream } = await pair(t);
      const closed = nextOf(far, "close");
      const failed = error === undefined ? undefined : nextOf(nearStream, "error");
      const gone = nextOf(nearStream, "close");
      nearStream.destroy(error);
      if (failed !== undefined) assert.equal((await failed)[0], error);
      await gone;
      assert.equal((await closed)[0], 1006);
      assert.equal(near.readyState, WebSocket.CLOSED);
    }
  });

  test("destroy before it is open ends the handshake", async (t) => {
    const { wss, url } = await serve(t);
    const socket = client(t, url, { logger: quiet });
    const stream = createWebSocketStream(socket);
    stream.on("error", () => {});
    stream.destroy();
    await nextOf(stream, "close");
    assert.equal(socket.readyState, WebSocket.CLOSED);
    assert.equal(wss.clients.size, 0);
  });
});

describe("errors", () => {
  test("a connection that can't be made destroys the stream, and what was written is told", async (t) => {
    const stream = createWebSocketStream(client(t, "ws://127.0.0.1:1/"));
    const error = nextOf(stream, "error");
    stream.write("x");
    stream.end();
    assert.equal(((await error)[0] as { code?: string }).code, "ECONNREFUSED");
    assert.equal(stream.destroyed, true);
  });

  test("a breach by the peer destroys it", async (t) => {
    const served = await serve(t);
    const { raw, socket } = await openRaw(t, served);
    const stream = createWebSocketStream(socket);
    const error = nextOf(stream, "error");
    await raw.sendFrame(OPCODE.text, "x", { rsv: 1 });
    assert.equal(((await error)[0] as { code?: string }).code, "WS_ERR_UNEXPECTED_RSV_2_3");
  });

  test("writing after the WebSocket was closed is an error", async (t) => {
    const { near, nearStream } = await pair(t);
    const closed = nextOf(near, "close");
    near.close();
    await closed;
    const error = nextOf(nearStream, "error");
    nearStream.write("x");
    assert.equal(((await error)[0] as { code?: string }).code, "WS_ERR_NOT_OPEN");
  });
});

test("text comes as strings with readableObjectMode, and with an encoding", async (t) => {
  const { wss, url } = await serve(t);
  wss.on("connection", (socket) => {
    socket.send("föö");
    socket.send(Buffer.from("bytes"));
    socket.send("");
    socket.close();
  });
  const objects: unknown[] = [];
  for await (const chunk of createWebSocketStream(client(t, url), { readableObjectMode: true })) {
    objects.push(chunk);
  }
  assert.deepEqual(objects, ["föö", Buffer.from("bytes"), ""]);
  let text = "";
  for await (const chunk of createWebSocketStream(client(t, url), { encoding: "utf8" }))
    text += String(chunk);
  assert.equal(text, "fööbytes");
});
