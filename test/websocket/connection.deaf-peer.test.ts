import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { withDeafPeer } from "../support/deaf-peer.ts";
import { noise } from "../support/payloads.ts";
import { nextOf, until } from "../support/web-sockets.ts";
import { frame, OPCODE, takeFrame } from "../support/wire-frames.ts";

const MIB = 1024 * 1024;

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
