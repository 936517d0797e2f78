import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { WebSocket } from "../../src/websocket/index.ts";
import { fill, withDeafPeer } from "../support/deaf-peer.ts";
import { deflated, noise, prose } from "../support/payloads.ts";
import { Inbox, nextOf, OFFER_DEFLATE, openClient, openRaw, serve, until } from "../support/web-sockets.ts";
import { closeBody, frame, OPCODE } from "../support/wire-frames.ts";

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
