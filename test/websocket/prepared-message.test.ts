import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { PreparedMessage } from "../../src/websocket/prepared-message.ts";
import { Inflater, prose } from "../support/payloads.ts";
import { Inbox, OFFER_DEFLATE, openClient, openRaw, openWs, serve } from "../support/web-sockets.ts";
import { OPCODE, takeFrames } from "../support/wire-frames.ts";

describe("a prepared message", () => {
  for (const length of [0, 1, 125, 126, 65_535, 65_536, 100_000]) {
    test(`of ${length} bytes is one unmasked frame, made once`, () => {
      const payload = Buffer.alloc(length, 7);
      const message = new PreparedMessage(payload, false, true);
      const [frame, ...more] = takeFrames(Buffer.from(message.plain.bytes));
      assert.equal(more.length, 0);
      assert.deepEqual(
        [frame!.opcode, frame!.fin, frame!.rsv, frame!.masked],
        [OPCODE.binary, true, 0, false],
      );
      assert.ok(frame!.payload.equals(payload));
      assert.equal(message.plain, message.plain);
    });
  }

  test("is compressed once for each size of window", () => {
    const message = new PreparedMessage(Buffer.from("x"), true, true);
    const calls: number[] = [];
    const make = (bits: number) => message.compressed(bits, (payload) => (calls.push(bits), payload));
    const fifteen = make(15);
    assert.equal(make(15), fifteen);
    assert.notEqual(make(9), fifteen);
    assert.equal(make(15), fifteen);
    assert.deepEqual(calls, [15, 9]);
    const [frame] = takeFrames(Buffer.from(fifteen.bytes));
    assert.deepEqual([frame!.opcode, frame!.fin, frame!.rsv], [OPCODE.text, true, 4]);
  });
});

test("several messages in one turn, to connections with different parameters: each gets its own, whole", async (t) => {
  const served = await serve(t, { perMessageDeflate: { threshold: 10 } });
  const offers = [
    undefined,
    "permessage-deflate",
    "permessage-deflate; server_max_window_bits=9",
    "permessage-deflate; server_no_context_takeover",
    undefined,
    "permessage-deflate; server_max_window_bits=9; server_no_context_takeover",
    "permessage-deflate",
  ];
  const peers = [];
  for (const offer of offers) peers.push(await openRaw(t, served, { "Sec-WebSocket-Extensions": offer }));
  const texts = Array.from(
    { length: 10 },
    (_, index) => `${index} ${prose(index % 3 === 0 ? 5 : 3000, index)}`,
  );
  const messages = texts.map((text, index) => served.wss.prepare(text, { compress: index !== 4 }));
  for (let round = 0; round < 3; round += 1) {
    for (const [index, message] of messages.entries()) {
      for (const [at, { socket }] of peers.entries()) {
        // Some have something of their own in between, or miss one.
        if (at === 4 && index === 5) continue;
        if (at === 6 && index === 5) socket.send(`own ${prose(300)}`);
        socket.send(message);
      }
    }
  }
  for (const [at, { raw }] of peers.entries()) {
    const inflater = new Inflater(true, offers[at]?.includes("=9") === true ? 9 : 15);
    const fresh = new Inflater(false);
    const isFresh = offers[at]?.includes("no_context") === true;
    for (let round = 0; round < 3; round += 1) {
      for (const [index, text] of texts.entries()) {
        if (at === 4 && index === 5) continue;
        const read = async (): Promise<string> => {
          const { rsv, payload } = await raw.nextFrame();
          if (rsv === 0) return String(payload);
          return String(await (isFresh ? fresh : inflater).inflate(payload));
        };
        if (at === 6 && index === 5) assert.equal(await read(), `own ${prose(300)}`);
        assert.equal(await read(), text, `${at} ${index}`);
      }
    }
  }
});

test("a client may send one, too: masked, and by its own compression", async (t) => {
  for (const perMessageDeflate of [true, false]) {
    const { wss, url } = await serve(t, { perMessageDeflate });
    const received = new Promise<(string | Buffer)[]>((resolve) => {
      wss.on("connection", (socket) => resolve(new Inbox(socket).until(2)));
    });
    const client = await openClient(t, url);
    const message = wss.prepare(prose(3000));
    client.send(message);
    await client.sendAsync(message);
    assert.deepEqual(await received, [prose(3000), prose(3000)]);
  }
});

test("one may be sent again later, to others, with context taken over in between", async (t) => {
  const served = await serve(t, { perMessageDeflate: true });
  const message = served.wss.prepare(prose(5000));
  const inboxes: Inbox[] = [];
  for (let round = 0; round < 3; round += 1) {
    inboxes.push(new Inbox(await openWs(t, served.url)));
    served.wss.broadcast(message);
    for (const socket of served.wss.clients) socket.send(prose(2000));
    await Promise.all(inboxes.map((inbox, index) => inbox.until((round + 1 - index) * 2)));
  }
  for (const inbox of inboxes) {
    for (const [index, text] of inbox.all.entries()) {
      assert.equal(text, index % 2 === 0 ? prose(5000) : prose(2000));
    }
  }
  const { raw } = await openRaw(t, served, OFFER_DEFLATE);
  served.wss.broadcast(message);
  assert.equal((await raw.nextFrame()).rsv, 4);
});
