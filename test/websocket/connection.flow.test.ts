import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import type { WebSocket, WebSocketServerOptions } from "../../src/websocket/index.ts";
import { deflated, noise, prose } from "../support/payloads.ts";
import {
  Inbox,
  nextOf,
  OFFER_DEFLATE,
  openClient,
  openRaw,
  openWs,
  serve,
  type Served,
  until,
} from "../support/web-sockets.ts";
import { closeBody, frame, OPCODE, takeFrame } from "../support/wire-frames.ts";

const MIB = 1024 * 1024;

/** A server, and a peer that has stopped reading. */
async function withDeafPeer(
  t: TestContext,
  options: WebSocketServerOptions = {},
): Promise<Served & Awaited<ReturnType<typeof openRaw>>> {
  const served = await serve(t, options);
  const opened = await openRaw(t, served, OFFER_DEFLATE);
  opened.raw.stream.pause();
  return { ...served, ...opened };
}

/** Sends until the operating system takes no more. */
async function fill(socket: WebSocket): Promise<void> {
  let isTaken = true;
  while (isTaken) {
    isTaken = false;
    socket.send(noise(256 * 1024), (error) => (isTaken = error === undefined || error === null));
    // Two turns: one to write, one to hear of it.
    for (let turns = 0; turns < 3; turns += 1) await new Promise((resolve) => setImmediate(resolve));
  }
}

describe("pausing", () => {
  for (const length of [100, 100_000]) {
    test(`holds back compressed messages of ${length} bytes, and none is lost or reordered`, async (t) => {
      const served = await serve(t, { perMessageDeflate: true });
      const { raw, socket } = await openRaw(t, served, OFFER_DEFLATE);
      const seen: string[] = [];
      socket.on("message", (data) => {
        seen.push((data as Buffer).toString());
        socket.pause();
      });
      const texts = Array.from({ length: 6 }, (_, index) => `${index}${prose(length, index)}`);
      const frames = texts.map((text) => frame(OPCODE.text, deflated(text), { rsv: 4 }));
      await raw.send(Buffer.concat([...frames, frame(OPCODE.close, closeBody(1000))]));
      for (let count = 1; count <= texts.length; count += 1) {
        await until(() => seen.length === count);
        for (let turns = 0; turns < 5; turns += 1) await new Promise((resolve) => setImmediate(resolve));
        assert.equal(seen.length, count);
        assert.equal(socket.isPaused, true);
        if (count === texts.length) break;
        socket.resume();
      }
      const closed = nextOf(socket, "close");
      socket.resume();
      assert.equal((await closed)[0], 1000);
      assert.deepEqual(seen, texts);
    });
  }

  test("while a message is being inflated, and resuming before it is, changes nothing", async (t) => {
    const served = await serve(t, { perMessageDeflate: true });
    const { raw, socket } = await openRaw(t, served, OFFER_DEFLATE);
    const inbox = new Inbox(socket);
    socket.on("ping", () => {
      socket.pause();
      socket.resume();
      process.nextTick(() => {
        socket.pause();
        setImmediate(() => socket.resume());
      });
    });
    const long = noise(100_000);
    for (let round = 1; round <= 5; round += 1) {
      await raw.send(
        Buffer.concat([
          frame(OPCODE.ping, ""),
          frame(OPCODE.binary, deflated(long), { rsv: 4 }),
          frame(OPCODE.text, String(round)),
        ]),
      );
      const messages = await inbox.until(round * 2);
      assert.ok((messages.at(-2) as Buffer).equals(long));
      assert.equal(messages.at(-1), String(round));
    }
  });

  test("makes the peer wait", async (t) => {
    const { wss, url } = await serve(t);
    const connection = nextOf(wss, "connection");
    const client = await openClient(t, url);
    const [socket] = (await connection) as [WebSocket];
    socket.pause();
    await fill(client);
    assert.ok(client.bufferedAmount > 0);
    const drained = nextOf(client, "drain");
    socket.resume();
    await drained;
    await client.sendAsync("through");
    assert.equal(client.bufferedAmount, 0);
  });
});

describe("bufferedAmount", () => {
  test("is true to the byte, for text and bytes of every length", async (t) => {
    const { socket, raw } = await withDeafPeer(t);
    await fill(socket);
    let expected = socket.bufferedAmount;
    for (const length of [0, 1, 125, 126, 16_384, 16_385, 65_535, 65_536, 100_000]) {
      for (const data of ["x".repeat(length), "ü".repeat(length), Buffer.alloc(length)]) {
        const bytes = Buffer.byteLength(data);
        socket.send(data);
        expected += bytes + (bytes < 126 ? 2 : bytes < 65_536 ? 4 : 10);
        assert.equal(socket.bufferedAmount, expected, `${length}`);
      }
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(socket.bufferedAmount, expected);
    }
    socket.ping("12345");
    assert.equal(socket.bufferedAmount, expected + 7);
    const drained = nextOf(socket, "drain");
    raw.stream.resume();
    await drained;
    await socket.sendAsync("");
    assert.equal(socket.bufferedAmount, 0);
  });

  test("counts what is being compressed, and what waits for it", async (t) => {
    const served = await serve(t, { perMessageDeflate: true });
    const { socket } = await openRaw(t, served, OFFER_DEFLATE);
    const sent = socket.sendAsync(noise(100_000));
    assert.equal(socket.bufferedAmount, 100_000);
    const behind = socket.sendAsync("behind");
    assert.equal(socket.bufferedAmount, 100_006);
    await Promise.all([sent, behind]);
    assert.equal(socket.bufferedAmount, 0);
  });
});

describe("a peer that stops reading", () => {
  test("is ended when more than maxBufferedBytes wait, and its memory is free", async (t) => {
    const { socket, raw } = await withDeafPeer(t, { maxBufferedBytes: MIB });
    const error = nextOf(socket, "error");
    const closed = nextOf(socket, "close");
    let largest = 0;
    while (socket.readyState === socket.OPEN) {
      socket.send(noise(64 * 1024));
      largest = Math.max(largest, socket.bufferedAmount);
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.ok(largest <= MIB, `${largest}`);
    assert.equal(((await error)[0] as { code?: string }).code, "WS_ERR_BUFFER_FULL");
    assert.equal((await closed)[0], 1006);
    assert.equal(socket.bufferedAmount, 0);
    raw.stream.resume();
    await raw.closed();
  });

  for (const data of ["漢".repeat(1000), "x".repeat(10), noise(3000)]) {
    const name = typeof data === "string" ? `"${data[0]}" × ${data.length}` : "bytes";
    test(`or misses messages, with "drop": never more than the limit waits (${name})`, async (t) => {
      const limit = 300_000;
      const { socket } = await withDeafPeer(t, { maxBufferedBytes: limit, overflow: "drop" });
      // What fills the system's buffers is within the limit.
      while (socket.bufferedAmount < limit - 70_000) {
        await new Promise((resolve) => setImmediate(resolve));
        socket.send(noise(60_000));
      }
      const outcomes: Promise<unknown>[] = [];
      let dropped = 0;
      for (let count = 0; count < 12_000; count += 1) {
        outcomes.push(
          new Promise<void>((resolve) => {
            socket.send(data, (error) => {
              if ((error as { code?: string } | undefined)?.code === "WS_ERR_BUFFER_FULL") dropped += 1;
              resolve();
            });
          }),
        );
        assert.ok(socket.bufferedAmount <= limit, `${socket.bufferedAmount}`);
      }
      assert.equal(socket.readyState, socket.OPEN);
      socket.terminate();
      await Promise.all(outcomes);
      assert.ok(dropped > 0);
    });
  }

  test("and sends pings is not given more pongs than the limit, with either policy", async (t) => {
    for (const overflow of ["drop", "terminate"] as const) {
      const limit = 200_000;
      const { socket, raw } = await withDeafPeer(t, { maxBufferedBytes: limit, overflow });
      let largest = 0;
      let pings = 0;
      socket.on("ping", () => {
        pings += 1;
        largest = Math.max(largest, socket.bufferedAmount);
      });
      const flood = Buffer.concat(Array.from({ length: 2000 }, () => frame(OPCODE.ping, "x".repeat(125))));
      const isOver = (): boolean => largest >= limit - 127 || socket.readyState !== socket.OPEN;
      while (!isOver()) {
        const before = pings;
        void raw.send(flood);
        await until(() => pings >= before + 2000 || socket.readyState !== socket.OPEN);
      }
      const before = pings;
      if (overflow === "drop") {
        void raw.send(flood);
        await until(() => pings === before + 2000);
        assert.equal(socket.readyState, socket.OPEN);
      }
      assert.ok(largest <= limit, `${overflow} ${largest}`);
    }
  });

  test("costs at most the limit, in memory", async (t) => {
    const { socket } = await withDeafPeer(t, { maxBufferedBytes: 4 * MIB, overflow: "drop" });
    const before = process.memoryUsage().arrayBuffers;
    for (let count = 0; count < 400; count += 1) {
      socket.send(Buffer.alloc(MIB / 4));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const grown = process.memoryUsage().arrayBuffers - before;
    assert.ok(grown < 400 * (MIB / 4) - 20 * MIB, `${grown}`);
    assert.ok(socket.bufferedAmount <= 4 * MIB);
  });

  test("a message is left out as a whole, also if it was sent in fragments", async (t) => {
    const limit = 100_000;
    const { socket, raw } = await withDeafPeer(t, { maxBufferedBytes: limit, overflow: "drop" });
    const part = noise(40_000);
    const isFull = (): boolean => socket.bufferedAmount + part.length > limit;
    while (!isFull()) {
      await new Promise((resolve) => setImmediate(resolve));
      if (!isFull()) socket.send(part);
    }
    // Its beginning does not fit, its end would.
    const results: boolean[] = [];
    const note = (error?: Error | null): void => void results.push(error === undefined || error === null);
    socket.send(part, { fin: false }, note);
    socket.send("x", { fin: false }, note);
    socket.send("y", note);
    await until(() => results.length === 3);
    assert.deepEqual(results, [false, false, false]);
    raw.stream.resume();
    await until(() => socket.bufferedAmount === 0);
    socket.send("whole ", { fin: false });
    socket.send("message");
    const frames: { opcode: number; fin: boolean }[] = [];
    while (frames.at(-1)?.opcode !== OPCODE.continuation) {
      const { opcode, fin } = await raw.nextFrame();
      frames.push({ opcode, fin });
    }
    assert.equal(takeFrame(raw.unread), undefined);
    const [first, last] = frames.slice(-2);
    assert.deepEqual(
      [first, last],
      [
        { opcode: OPCODE.text, fin: false },
        { opcode: OPCODE.continuation, fin: true },
      ],
    );
    assert.ok(frames.slice(0, -2).every(({ opcode, fin }) => opcode === OPCODE.binary && fin));
  });
});

describe("sendAsync", () => {
  test("resolves when the message has left, and keeps little waiting if it is awaited", async (t) => {
    const { wss, url } = await serve(t, { perMessageDeflate: true });
    const received = nextOf(wss, "connection").then(([socket]) => new Inbox(socket as WebSocket));
    const client = await openClient(t, url);
    const inbox = await received;
    for (let count = 0; count < 20; count += 1) {
      await client.sendAsync(noise(count % 2 === 0 ? 100 : 200_000));
      assert.ok(client.bufferedAmount === 0);
    }
    await inbox.until(20);
  });

  for (const perMessageDeflate of [true, false]) {
    test(`rejects if the connection ends before, ${perMessageDeflate ? "also while it is being compressed" : "uncompressed"}`, async (t) => {
      const { socket, raw } = await withDeafPeer(t, { perMessageDeflate });
      if (!perMessageDeflate) await fill(socket);
      const sends = [noise(200_000), "behind", noise(100_000)].map((data) => socket.sendAsync(data));
      const outcomes = Promise.allSettled(sends);
      socket.terminate();
      for (const outcome of await outcomes) assert.equal(outcome.status, "rejected");
      await assert.rejects(socket.sendAsync("late"), { code: "WS_ERR_NOT_OPEN" });
      raw.stream.resume();
    });
  }
});

describe("closing while messages are worked on", () => {
  test("what was sent before still arrives, whatever it takes to compress it", async (t) => {
    const { wss, url } = await serve(t, { perMessageDeflate: { concurrencyLimit: 1 } });
    wss.on("connection", (socket) => {
      socket.send(noise(300_000));
      socket.send("short");
      socket.send(noise(100_000));
      socket.close(1000, "done");
    });
    const clients = await Promise.all(
      Array.from({ length: 5 }, async () => {
        const client = await openClient(t, url);
        return { inbox: new Inbox(client), closed: nextOf(client, "close") };
      }),
    );
    for (const { inbox, closed } of clients) {
      const [code, reason] = (await closed) as [number, Buffer];
      assert.deepEqual([code, String(reason)], [1000, "done"]);
      assert.equal(inbox.all.length, 3);
      assert.ok((inbox.all[0] as Buffer).equals(noise(300_000)));
    }
  });

  test("also if the peer closes in that moment", async (t) => {
    const served = await serve(t, { perMessageDeflate: true });
    const { raw, socket } = await openRaw(t, served, OFFER_DEFLATE);
    const closed = nextOf(socket, "close");
    socket.on("message", () => {
      socket.send(noise(400_000));
      socket.close(1000, "ours");
    });
    await raw.send(Buffer.concat([frame(OPCODE.text, "go"), frame(OPCODE.close, closeBody(4000, "theirs"))]));
    const message = await raw.nextFrame();
    assert.deepEqual([message.opcode, message.rsv], [OPCODE.binary, 4]);
    const close = await raw.nextFrame();
    assert.deepEqual([close.opcode, close.payload.readUInt16BE(0)], [OPCODE.close, 1000]);
    await raw.ended();
    assert.equal((await closed)[0], 4000);
  });

  test("a peer that leaves while its message is inflated is not heard any more, and others are served", async (t) => {
    const served = await serve(t, { perMessageDeflate: { concurrencyLimit: 2 } });
    served.wss.on("connection", (socket) => {
      socket.on("message", (data, isBinary) => socket.send(data as Buffer, { binary: isBinary }));
    });
    const long = frame(OPCODE.binary, deflated(noise(500_000)), { rsv: 4 });
    const late: string[] = [];
    for (let count = 0; count < 12; count += 1) {
      const { raw, socket } = await openRaw(t, served, OFFER_DEFLATE);
      let isClosed = false;
      const closed = nextOf(socket, "close").then(() => (isClosed = true));
      socket.on("message", () => isClosed && late.push("message"));
      socket.on("error", () => isClosed && late.push("error"));
      socket.on("ping", () => {
        if (count % 3 === 0) setImmediate(() => socket.terminate());
        else if (count % 3 === 1) process.nextTick(() => socket.terminate());
        else raw.stream.resetAndDestroy();
      });
      void raw.send(Buffer.concat([frame(OPCODE.ping, ""), long, long]));
      await closed;
    }
    const client = await openWs(t, served.url);
    const inbox = new Inbox(client);
    client.send(noise(500_000));
    client.send(noise(500_000));
    await inbox.until(2);
    assert.deepEqual(late, []);
  });

  test("a peer that leaves while its message is compressed does not keep others from theirs", async (t) => {
    const served = await serve(t, { perMessageDeflate: { concurrencyLimit: 1 } });
    for (let count = 0; count < 6; count += 1) {
      const { socket } = await openRaw(t, served, OFFER_DEFLATE);
      const outcomes = Promise.allSettled([
        socket.sendAsync(noise(300_000)),
        socket.sendAsync(noise(300_000)),
      ]);
      if (count % 2 === 0) socket.terminate();
      else setImmediate(() => socket.terminate());
      await outcomes;
    }
    const { raw, socket } = await openRaw(t, served, OFFER_DEFLATE);
    socket.send(noise(300_000));
    assert.equal((await raw.nextFrame()).rsv, 4);
  });

  test("a peer that breaks the protocol behind a message is answered after it was delivered", async (t) => {
    const clock = new FakeClock();
    const served = await serve(t, { perMessageDeflate: true, clock });
    const { raw, socket } = await openRaw(t, served, OFFER_DEFLATE);
    const inbox = new Inbox(socket);
    const error = nextOf(socket, "error");
    await raw.send(
      Buffer.concat([
        frame(OPCODE.binary, deflated(noise(200_000)), { rsv: 4 }),
        frame(OPCODE.text, "x", { rsv: 2 }),
      ]),
    );
    assert.equal(((await error)[0] as { code?: string }).code, "WS_ERR_UNEXPECTED_RSV_2_3");
    assert.equal(inbox.all.length, 1);
    assert.equal((await raw.nextFrame()).payload.readUInt16BE(0), 1002);
    await raw.ended();
  });
});

test("a bomb is stopped with 1009, and the server goes on meanwhile", async (t) => {
  const served = await serve(t, { perMessageDeflate: true, maxPayload: MIB });
  for (const megabytes of [2, 24, 64]) {
    const bomb = frame(OPCODE.binary, deflated(Buffer.alloc(megabytes * MIB)), { rsv: 4 });
    const { raw, socket } = await openRaw(t, served, OFFER_DEFLATE);
    const error = nextOf(socket, "error");
    await raw.send(bomb);
    assert.equal((await raw.nextFrame()).payload.readUInt16BE(0), 1009);
    assert.equal(((await error)[0] as { code?: string }).code, "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH");
    await raw.ended();
  }
  const { raw, socket } = await openRaw(t, served, OFFER_DEFLATE);
  const message = nextOf(socket, "message");
  await raw.send(frame(OPCODE.binary, deflated(Buffer.alloc(MIB)), { rsv: 4 }));
  assert.equal(((await message)[0] as Buffer).length, MIB);
});
