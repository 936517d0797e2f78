import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { deflated, noise } from "../support/payloads.ts";
import { Inbox, nextOf, OFFER_DEFLATE, openClient, openRaw, openWs, serve } from "../support/web-sockets.ts";
import { closeBody, frame, OPCODE } from "../support/wire-frames.ts";

const MIB = 1024 * 1024;

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
