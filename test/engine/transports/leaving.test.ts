import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { describe, test } from "node:test";
import type { SessionOptions } from "../../../src/engine/sessions.ts";
import { openPolling, POLLING_PATH, send, startEngine } from "../../support/engine-server.ts";
import { FakeExchange } from "../../support/fake-exchange.ts";
import { undoAfter } from "../../support/fixture.ts";
import { MemoryTransport } from "../../support/memory-transport.ts";
import { sessionsFor } from "../../support/sessions.ts";
import { until } from "../../support/until.ts";

type Kind = "polling" | "sse";

/** A session whose next request is answered, and the answer not read. */
async function unread(kind: Kind, link: boolean, options: Partial<SessionOptions> = {}) {
  const made = sessionsFor(options);
  const session = made.open(made.sessions.createTransport(kind, link), { id: "abc", link });
  session.receiveExchange(FakeExchange.get({ move: 0 }), kind);
  await Promise.resolve();
  const get = (query: Readonly<Record<string, string | number>> = {}, name = kind): FakeExchange => {
    const exchange = FakeExchange.get({ sid: "abc", move: 0, ack: 0, ...query });
    exchange.isUnread = true;
    if (name === "sse") exchange.bufferedBytes = 5;
    session.receiveExchange(exchange, name);
    return exchange;
  };
  const answer = get();
  session.send("hello");
  await Promise.resolve();
  return { ...made, get, answer, ...made.opened[0]!, session };
}

describe("an answer that is not read", () => {
  for (const kind of ["polling", "sse"] as const) {
    test(`is dropped when a link asks again, over ${kind}`, async () => {
      const { get, answer, session } = await unread(kind, true);
      const next = get();
      assert.ok(answer.isDestroyed);
      await Promise.resolve();
      assert.ok(next.text.includes("4hello"));
      assert.ok(session.isOpen);
    });

    test(`is dropped when a link moves, over ${kind}`, async () => {
      const { get, answer, session } = await unread(kind, true);
      get({ move: 1 }, kind === "sse" ? "polling" : "sse");
      assert.ok(answer.isDestroyed);
      assert.ok(session.isOpen);
    });

    test(`is dropped when the client's time is over, over ${kind}`, async () => {
      const { answer, clock, told } = await unread(kind, true);
      clock.advance(500);
      assert.equal(told.at(-1)?.[1], "ping timeout");
      assert.ok(answer.isDestroyed);
      assert.equal(clock.pending, 0);
    });

    test(`is dropped some time after the end, over ${kind}`, async () => {
      const { answer, clock, session } = await unread(kind, true);
      session.close();
      assert.ok(!answer.isDestroyed);
      clock.advance(499);
      assert.ok(!answer.isDestroyed);
      clock.advance(501);
      assert.ok(answer.isDestroyed);
      assert.equal(clock.pending, 0);
    });

    test(`keeps a server from closing until it is read, or dropped, over ${kind}`, async () => {
      for (const isRead of [true, false]) {
        const { answer, clock, sessions, get } = await unread(kind, true, { closeGraceMs: 5000 });
        const last = kind === "polling" ? get() : answer;
        let isClosed = false;
        const closed = sessions.close().then(() => (isClosed = true));
        await Promise.resolve();
        assert.ok(!isClosed);
        if (isRead) last.read();
        else clock.advance(1000);
        await closed;
        assert.equal(last.isDestroyed, !isRead);
        assert.equal(clock.pending, 0);
      }
    });
  }

  test("counts as waiting in a plain session", async () => {
    const { answer, session } = await unread("polling", false);
    assert.equal(session.bufferedBytes, "4hello".length);
    answer.read();
    assert.equal(session.bufferedBytes, 0);
  });

  test("ends a plain session beyond the limit, however many requests take a part", async () => {
    const { session, get, told } = await unread("polling", false, { maxBufferedBytes: 20 });
    for (const text of ["two", "three"]) {
      get();
      session.send(text);
      await Promise.resolve();
    }
    assert.ok(session.isOpen);
    get();
    session.send("four");
    assert.deepEqual(told.at(-1)?.slice(0, 2), ["close", "transport error"]);
  });
});

test("a WebSocket that is not read is not waited for when a link has left it", () => {
  const { open, sessions } = sessionsFor();
  for (const [bufferedBytes, ending] of [
    [0, "released"],
    [1, "destroyed"],
  ] as const) {
    const transport = new MemoryTransport();
    const session = open(transport, { link: true });
    transport.bufferedBytes = bufferedBytes;
    session.receiveExchange(FakeExchange.get({ sid: "abc", move: 1, ack: 0 }), "polling");
    assert.equal(transport.ending, ending);
  }
  assert.equal(sessions.size, 2);
});

test("a body that is still coming in when its session ends is not waited for without end", () => {
  const { open, clock, sessions } = sessionsFor();
  const session = open(sessions.createTransport("polling", true), { id: "abc", link: true });
  const body = FakeExchange.post(undefined, { sid: "abc", move: 0, seq: 1 });
  session.receiveExchange(body, "polling");
  clock.advance(500);
  assert.ok(!session.isOpen && !body.isDestroyed);
  clock.advance(500);
  assert.ok(body.isDestroyed);
  assert.equal(clock.pending, 0);
});

test("a client that reads nothing has one answer in memory, not one for each request", async (t) => {
  const { engine, port } = await startEngine(t);
  const { path, handshake } = await openPolling(port, {}, `${POLLING_PATH}&link=1`);
  const session = engine.clients[String(handshake["sid"])]!;
  session.send("x".repeat(10_000_000));
  const peers: Socket[] = [];
  undoAfter(t, () => peers.forEach((peer) => peer.destroy()));
  for (let count = 1; count <= 5; count++) {
    const peer = connect(port, "127.0.0.1").on("error", () => {});
    peers.push(peer.pause());
    const request = `GET ${path}&move=0&ack=0 HTTP/1.1\r\nHost: x\r\n\r\n`;
    peer.write(request);
    await until(() => session.bufferedBytes > 10_000_000 / 2);
    const before = peers.at(-2);
    if (before !== undefined) await new Promise((resolve) => before.once("close", resolve).resume());
  }
  assert.equal(session.readyState, "open");
  const last = await send(port, `${path}&move=0&ack=1&hold=0`);
  assert.equal(last.text, "6");
});
