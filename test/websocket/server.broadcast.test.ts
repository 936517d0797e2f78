import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { noise, prose } from "../support/payloads.ts";
import {
  dialWs,
  Inbox,
  nextOf,
  OFFER_DEFLATE,
  openRaw,
  openWs,
  serve,
  until,
} from "../support/web-sockets.ts";

describe("a broadcast", () => {
  test("goes to all that are open, and counts them", async (t) => {
    const { wss, url } = await serve(t);
    assert.equal(wss.broadcast("nobody"), 0);
    const inboxes = [];
    for (let count = 0; count < 5; count += 1) inboxes.push(new Inbox(await openWs(t, url)));
    const [first] = wss.clients;
    first!.close();
    assert.equal(wss.broadcast("text"), 4);
    assert.equal(wss.broadcast(Buffer.from("bytes")), 4);
    assert.equal(wss.broadcast("as bytes", { binary: true }), 4);
    assert.equal(wss.broadcast(Buffer.from("as text"), { binary: false }), 4);
    const expected = ["text", Buffer.from("bytes"), Buffer.from("as bytes"), "as text"];
    for (const inbox of inboxes.slice(1)) assert.deepEqual(await inbox.until(4), expected);
    assert.equal(inboxes[0]!.all.length, 0);
  });

  test("goes only to whom the filter lets it", async (t) => {
    const { wss, url } = await serve(t);
    const inboxes = [];
    for (let count = 0; count < 3; count += 1) inboxes.push(new Inbox(await openWs(t, url)));
    const [, chosen] = wss.clients;
    assert.equal(wss.broadcast("x", { filter: (socket) => socket === chosen }), 1);
    assert.equal(wss.broadcast("end"), 3);
    const counts: number[] = [];
    for (const inbox of inboxes) {
      await until(() => inbox.all.at(-1) === "end");
      counts.push(inbox.all.length);
    }
    assert.deepEqual(
      counts.toSorted((a, b) => a - b),
      [1, 1, 2],
    );
  });

  test("is compressed where it was agreed on, unless it is not to be", async (t) => {
    const served = await serve(t, { perMessageDeflate: true });
    const compressed = await openRaw(t, served, OFFER_DEFLATE);
    const plain = await openRaw(t, served);
    const rsv = async (): Promise<number[]> => [
      (await compressed.raw.nextFrame()).rsv,
      (await plain.raw.nextFrame()).rsv,
    ];
    served.wss.broadcast(prose(5000));
    assert.deepEqual(await rsv(), [4, 0]);
    served.wss.broadcast(prose(5000), { compress: false });
    assert.deepEqual(await rsv(), [0, 0]);
    served.wss.broadcast("short");
    assert.deepEqual(await rsv(), [0, 0]);
  });

  test("has a limit and a policy of its own", async (t) => {
    const served = await serve(t);
    const deaf = await openRaw(t, served);
    const other = await openWs(t, served.url);
    deaf.raw.stream.pause();
    const inbox = new Inbox(other);
    while (deaf.socket.bufferedAmount < 1_000_000) {
      deaf.socket.send(noise(500_000));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const waiting = deaf.socket.bufferedAmount;
    assert.equal(served.wss.broadcast("dropped", { maxBufferedBytes: 500_000, overflow: "drop" }), 1);
    assert.equal(deaf.socket.bufferedAmount, waiting);
    assert.equal(deaf.socket.readyState, deaf.socket.OPEN);
    assert.equal(served.wss.broadcast("taken", { maxBufferedBytes: 0 }), 2);
    const error = nextOf(deaf.socket, "error");
    assert.equal(served.wss.broadcast("the last", { maxBufferedBytes: 500_000 }), 1);
    assert.equal(((await error)[0] as { code?: string }).code, "WS_ERR_BUFFER_FULL");
    assert.deepEqual(await inbox.until(3), ["dropped", "taken", "the last"]);
  });

  test("does not come between the fragments that a connection is being sent", async (t) => {
    const served = await serve(t, { perMessageDeflate: true });
    const inbox = new Inbox(await openWs(t, served.url));
    const [socket] = served.wss.clients;
    socket!.send("one ", { fin: false });
    served.wss.broadcast(prose(3000));
    socket!.send("two", { fin: true });
    served.wss.broadcast("after");
    assert.deepEqual(await inbox.until(3), ["one two", prose(3000), "after"]);
  });
});

test("everybody gets everything in order, while people come and go", async (t) => {
  const { wss, url } = await serve(t, { perMessageDeflate: { threshold: 100 } });
  const staying = await Promise.all(
    Array.from({ length: 6 }, async (_, index) => {
      const socket = await openWs(t, url, { perMessageDeflate: index % 2 === 0 });
      return new Inbox(socket);
    }),
  );
  const texts: string[] = [];
  for (let round = 0; round < 20; round += 1) {
    const passing = dialWs(t, url);
    passing.on("error", () => {});
    for (let count = 0; count < 10; count += 1) {
      const text = `${round}.${count} ${count % 4 === 0 ? prose(500, round) : ""}`;
      texts.push(text);
      wss.broadcast(text);
    }
    if (round % 2 === 0) passing.terminate();
    await new Promise((resolve) => setImmediate(resolve));
  }
  for (const inbox of staying) assert.deepEqual(await inbox.until(texts.length), texts);
});
