import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { PreparedMessage } from "../../src/engine/index.ts";
import { BYTES_PER_ACK, MESSAGES_PER_ACK } from "../../src/packets/index.ts";
import { FakeExchange } from "../support/fake-exchange.ts";
import { openLink, openOnWebSocket } from "../support/open-link.ts";
import { sessionsFor } from "../support/sessions.ts";

describe("polling", () => {
  test("a GET has everything after what the client has, also what an earlier answer had", async () => {
    const { session, get } = await openLink();
    for (const text of ["one", "two"]) session.send(text);
    const lost = get({ ack: 0 });
    await Promise.resolve();
    assert.equal(lost.text, "4one\x1E4two");
    session.send("three");
    for (const [ack, text] of [
      [0, "4one\x1E4two\x1E4three"],
      [1, "4two\x1E4three"],
      [1, "4two\x1E4three"],
      [0, "4two\x1E4three"],
      [2, "4three"],
    ] as const) {
      const again = get({ ack });
      await Promise.resolve();
      assert.equal(again.text, text);
    }
  });

  test("a GET that comes while one is held replaces it", async () => {
    const { session, get, told } = await openLink();
    const first = get({ ack: 0 });
    const second = get({ ack: 0 });
    assert.equal(first.text, "6");
    first.abort();
    session.send("on");
    await Promise.resolve();
    assert.equal(second.text, "4on");
    assert.deepEqual(told, []);
  });

  test("is held as long as the client says, and not longer than the server does", async () => {
    for (const [query, ms] of [
      [{ hold: 100 }, 100],
      [{ hold: 10_000 }, 500],
      [{ hold: "x" }, 500],
      [{}, 500],
    ] as const) {
      const { get, clock } = await openLink({ pingIntervalMs: 10_000 });
      const held = get({ ack: 0, ...query });
      clock.advance(ms - 1);
      assert.equal(held.status, undefined);
      clock.advance(1);
      assert.equal(held.text, "6");
      assert.equal(clock.pending, 1);
    }
  });

  test("is held no longer than a timer can wait", async () => {
    const most = 2 ** 31 - 1;
    const { open, clock, sessions } = sessionsFor({ pingIntervalMs: most, pingTimeoutMs: most });
    const session = open(sessions.createTransport("polling", true), { link: true });
    session.receiveExchange(FakeExchange.get({}), "polling");
    const held = FakeExchange.get({ sid: "abc", move: 1, ack: 0 });
    session.receiveExchange(held, "polling");
    await Promise.resolve();
    const next = FakeExchange.get({ sid: "abc", move: 1, ack: 0 });
    session.receiveExchange(next, "polling");
    clock.advance(most - 1);
    assert.equal(next.status, undefined);
    clock.advance(1);
    assert.ok(next.status === 200);
  });

  test("hold=0 is answered at once, with a noop or with what there is", async () => {
    const { session, get } = await openLink();
    assert.equal(get({ ack: 0, hold: 0 }).text, "6");
    session.send("one");
    const second = get({ ack: 0, hold: 0 });
    await Promise.resolve();
    assert.equal(second.text, "4one");
  });

  test("a body that was seen is skipped, one that begins later is a parse error", async () => {
    const { post, received, told } = await openLink();
    assert.equal(post("4one\x1EbAQ==", { seq: 1 }).text, "ok");
    assert.equal(post("4one\x1EbAQ==", { seq: 1 }).text, "ok");
    assert.equal(post("3\x1EbAQ==\x1E6\x1E4three", { seq: 2 }).text, "ok");
    assert.equal(post("3", { seq: 4 }).text, "ok");
    assert.deepEqual(received, ["one", Buffer.of(1), "three"]);
    assert.equal(post("4five", { seq: 5 }).status, 400);
    assert.equal(told[0]?.[1], "parse error");
  });

  test("a body needs its number only for messages", async () => {
    const { post, told } = await openLink();
    assert.equal(post("3\x1E60", {}).text, "ok");
    assert.equal(post("4one", {}).status, 400);
    assert.equal(told[0]?.[1], "parse error");
  });

  test("a second body is refused and changes nothing; one that is cut can be sent again", async () => {
    const { post, received, told } = await openLink();
    const first = post(undefined, { seq: 1 });
    assert.equal(post("4one", { seq: 1 }).status, 400);
    first.failBody("aborted");
    assert.equal(post("4one", { seq: 1 }).text, "ok");
    assert.deepEqual([received, told], [["one"], []]);
  });
});

describe("counting", () => {
  test("pings and pongs, noops of both sides", () => {
    const { session, transport, clock } = openOnWebSocket({ maxBufferedBytes: 1000 });
    transport.receive("4one");
    transport.receiveBinary(Uint8Array.of(1));
    clock.advance(300);
    assert.deepEqual(transport.take(), ["22"]);
    for (let i = 0; i < 10; i++) session.send("x");
    transport.receive("35");
    transport.receive("69");
    transport.receive("63");
    transport.receive("3");
    transport.receive("6");
    for (let i = 0; i < 10; i++) session.send("x");
    assert.ok(session.isOpen);
    transport.receive("620");
    transport.receive("621");
    assert.ok(!session.isOpen);
  });

  for (const packet of ["31", "61", "3x", "6-1", "3 ", "61.0", "6probe", "2", "0", "5", "51,0"]) {
    test(`${packet} is a parse error`, () => {
      const { transport, told } = openOnWebSocket();
      transport.receive(packet);
      assert.equal(told[0]?.[1], "parse error");
      assert.deepEqual(transport.take(), ["1"]);
    });
  }

  test("an acknowledgement comes by itself after many messages, or many bytes", () => {
    const { transport } = openOnWebSocket();
    for (let i = 1; i < MESSAGES_PER_ACK; i++) transport.receive("4");
    assert.deepEqual(transport.take(), []);
    transport.receive("4");
    assert.deepEqual(transport.take(), [`6${MESSAGES_PER_ACK}`]);
    const half = new Uint8Array(BYTES_PER_ACK / 2);
    transport.receiveBinary(half);
    assert.deepEqual(transport.take(), []);
    transport.receive(`4${"x".repeat(half.length)}`);
    assert.deepEqual(transport.take(), [`6${MESSAGES_PER_ACK + 2}`]);
  });
});

describe("time", () => {
  test("any request is a sign of life, but pings go on as they were", async () => {
    const { session, post, get, clock } = await openLink();
    clock.advance(200);
    post("4a", { seq: 1 });
    const held = get({ ack: 0 });
    clock.advance(100);
    await Promise.resolve();
    assert.equal(held.text, "21");
    clock.advance(199);
    get({ ack: 0, hold: 0 });
    clock.advance(499);
    assert.ok(session.isOpen);
    clock.advance(1);
    assert.ok(!session.isOpen);
  });

  test("a GET that is cut leaves the session waiting as long as for a pong", async () => {
    const { session, get, clock, told } = await openLink();
    get({ ack: 0 }).abort();
    clock.advance(199);
    get({ ack: 0 }).abort();
    clock.advance(199);
    assert.ok(session.isOpen);
    clock.advance(1);
    assert.deepEqual(told, [["close", "transport close", false, "the client did not come back in time"]]);
    assert.equal(clock.pending, 0);
  });

  test("late requests are no sign of life", async () => {
    const { session, get, clock } = await openLink();
    get({ move: 1, ack: 0 }).abort();
    clock.advance(199);
    get({ move: 0, ack: 0 });
    clock.advance(1);
    assert.ok(!session.isOpen);
  });
});

describe("the limit of what is not acknowledged", () => {
  const text = "x".repeat(100);

  test("ends the session, also one that has no transport", () => {
    for (const isLost of [false, true]) {
      const { session, transport, told, sessions } = openOnWebSocket({ maxBufferedBytes: 500 });
      if (isLost) transport.end(false);
      for (let i = 0; i < 3; i++) session.send(text);
      assert.ok(session.isOpen);
      session.send(text);
      const detail = "more than 500 bytes waited for an acknowledgement";
      assert.deepEqual(told, [["close", "transport error", false, detail]]);
      assert.equal(sessions.get("abc"), undefined);
    }
  });

  test("drops what is too much before it is counted", () => {
    const { session, transport } = openOnWebSocket({ maxBufferedBytes: 500, overflow: "drop" });
    for (let i = 0; i < 2; i++) session.send(text);
    session.send("dropped", [new Uint8Array(100)]);
    session.sendPrepared(new PreparedMessage("ä".repeat(60)));
    session.send("dropped");
    assert.equal(transport.take().length, 3);
    transport.receive("33");
    session.send("goes on");
    transport.receive("34");
    assert.ok(session.isOpen);
  });
});

describe("the end", () => {
  test("by the server on a WebSocket is said, for a close alone may be a loss", () => {
    const { session, transport } = openOnWebSocket();
    session.send("bye");
    session.close();
    assert.deepEqual(transport.take(), ["4bye", "1"]);
    assert.equal(transport.ending, "normal");
  });

  test("by the client", () => {
    const { transport, told, sessions } = openOnWebSocket();
    transport.receive("1");
    assert.deepEqual(transport.take(), []);
    assert.equal(sessions.get("abc"), undefined);
    assert.deepEqual(told, [["close", "transport close", true, "closed by the client"]]);
  });

  test("while there is no transport", async () => {
    const { session, transport, sessions, clock } = openOnWebSocket();
    transport.end(false);
    session.close();
    assert.equal(sessions.get("abc"), undefined);
    await sessions.close();
    assert.equal(clock.pending, 0);
  });

  test("by the server while no GET is held: the next one has what was not acknowledged", async () => {
    const { session, get, post, sessions, clock } = await openLink();
    session.send("one");
    session.send("two");
    session.close();
    assert.equal(get({ ack: 0 }, "sse").status, 400);
    assert.equal(post("4late", { seq: 1 }).text, "ok");
    assert.equal(get({ ack: 1 }).text, "4two\x1E1");
    assert.equal(sessions.get("abc"), undefined);
    assert.equal(clock.pending, 0);
  });

  test("by an acknowledgement of what was never sent", async () => {
    for (const ack of ["1", "x", "-1"]) {
      const { get, told, clock } = await openLink();
      const held = get({ ack: 0 });
      assert.equal(get({ ack }).status, 400);
      assert.equal(held.text, "1");
      assert.equal(told[0]?.[1], "parse error");
      assert.equal(clock.pending, 0);
    }
  });
});
