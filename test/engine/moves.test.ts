import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { PreparedMessage } from "../../src/engine/index.ts";
import { FakeExchange } from "../support/fake-exchange.ts";
import { MemoryTransport } from "../support/memory-transport.ts";
import { openLink, openOnWebSocket } from "../support/open-link.ts";

describe("requests of another move", () => {
  test("late ones are refused and change nothing", async () => {
    const { session, get, post, received, told } = await openLink();
    session.send("one");
    const held = get({ move: 2, ack: 1 });
    await Promise.resolve();
    assert.equal(held.text, "60");
    const next = get({ move: 2, ack: 1 });
    for (const move of ["1", "0", "", "x", "-1", "2.5", "1".repeat(16)]) {
      assert.equal(get({ move, ack: 0 }).status, 400);
      assert.equal(post("4late", { move, seq: 1 }).status, 400);
      assert.equal(get({ move, ack: 0 }, "sse").status, 400);
    }
    assert.equal(get({ move: 2, ack: 0 }, "sse").status, 400);
    const unnumbered = FakeExchange.get({ sid: "abc", ack: 0 });
    session.receiveExchange(unnumbered, "polling");
    assert.equal(unnumbered.status, 400);
    assert.equal(next.status, undefined);
    assert.deepEqual([received, told], [[], []]);
  });

  test("a body that began before the session moved is not taken", async () => {
    const { post, get, received } = await openLink();
    const early = post(undefined, { seq: 1 });
    get({ move: 1, ack: 0 });
    early.completeBody("4late");
    assert.equal(early.status, 400);
    assert.equal(post("4again", { move: 1, seq: 1 }).text, "ok");
    assert.deepEqual(received, ["again"]);
  });

  test("a higher one moves the session, whatever it was on", async () => {
    const { session, get, post, told } = await openLink();
    session.send("one");
    const held = get({ ack: 0 });
    const stream = get({ move: 1, ack: 0 }, "sse");
    assert.equal(held.text, "6");
    await Promise.resolve();
    assert.equal(stream.take(), ":\n\ndata:60\n\ndata:4one\nid:1\n\n");
    assert.equal(post("4a", { move: 2, seq: 1 }).text, "ok");
    assert.equal(stream.take(), "data:6\n\n");
    const polled = get({ move: 2, ack: 1 });
    await Promise.resolve();
    assert.equal(polled.text, "61");
    assert.equal(session.transportName, "polling");
    assert.deepEqual(told, [
      ["transport", "sse"],
      ["transport", "polling"],
    ]);
  });
});

describe("a WebSocket", () => {
  test("is moved to without waiting for requests, and gets what the client has not", async () => {
    const { session, get, post, probe, received, told } = await openLink();
    for (const text of ["one", "two"]) session.send(text);
    session.sendPrepared(new PreparedMessage("three", [Uint8Array.of(3)]));
    const held = get({ ack: 1, hold: 400 });
    await Promise.resolve();
    const next = get({ ack: 4 });
    const running = post(undefined, { seq: 1 });
    const webSocket = probe("51,2");
    assert.deepEqual(webSocket.take(), ["60"]);
    assert.deepEqual([held.text, next.text], ["4two\x1E4three\x1EbAw==", "6"]);
    running.completeBody("4late");
    assert.equal(running.status, 400);
    webSocket.receive("4first");
    assert.deepEqual(received, ["first"]);
    assert.deepEqual(told, [["transport", "websocket"]]);
    assert.equal(session.transportName, "websocket");
  });

  test("that is lost does not end the session; what was sent meanwhile comes with the next", async () => {
    const { session, transport, told, clock } = openOnWebSocket();
    session.send("one");
    transport.fail(new Error("reset"));
    transport.end(false);
    assert.equal(session.transportName, "websocket");
    session.send("two", [Uint8Array.of(2)]);
    assert.ok(session.bufferedBytes > 0);
    clock.advance(199);
    const webSocket = new MemoryTransport();
    session.receiveWebSocket(webSocket);
    webSocket.receive("2probe");
    webSocket.receive("51,0");
    assert.deepEqual(webSocket.take(), ["3probe", "60", "4one", "4two", Uint8Array.of(2)]);
    assert.deepEqual(told, []);
    clock.advance(300);
    assert.deepEqual(webSocket.take(), ["20"]);
    webSocket.receive("33");
    webSocket.end(true);
    clock.advance(199);
    assert.ok(session.isOpen);
    clock.advance(1);
    assert.deepEqual(told, [["close", "transport close", false, "the client did not come back in time"]]);
    assert.equal(clock.pending, 0);
  });

  test("that is closed for a message that is too long ends the session: it would only be sent again", () => {
    const { sessions, session, transport, told, clock } = openOnWebSocket();
    transport.fail(new Error("too long"), true);
    assert.deepEqual(told, [["close", "transport error", false, "too long"]]);
    assert.ok(!session.isOpen);
    transport.end(true);
    assert.equal(sessions.get("abc"), undefined);
    assert.equal(clock.pending, 0);
  });

  test("that comes late is closed, and the newest probe counts", async () => {
    const { session, probe, told } = await openLink();
    const first = probe("53,0");
    for (const late of ["53,0", "52,0", "50,0"]) {
      const second = probe(late);
      assert.equal(second.ending, "normal", late);
      assert.deepEqual(second.take(), []);
    }
    assert.equal(first.ending, undefined);
    const idle = new MemoryTransport();
    session.receiveWebSocket(idle);
    assert.ok(session.isUpgrading);
    const newest = probe("54,0");
    assert.deepEqual([idle.ending, first.ending, newest.ending], ["normal", "released", undefined]);
    assert.equal(told.length, 1);
  });

  for (const data of ["", "1", "1,", ",0", "x,0", "1,x", "1,1", "-1,0", "1,0,0"]) {
    test(`5${data} is a parse error`, async () => {
      const { probe, told, clock, sessions } = await openLink();
      assert.equal(probe(`5${data}`).ending, "normal");
      assert.equal(told[0]?.[1], "parse error");
      assert.equal(sessions.get("abc"), undefined);
      assert.equal(clock.pending, 0);
    });
  }
});
