import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { PreparedMessage } from "../../src/engine/index.ts";
import type { SessionOptions } from "../../src/engine/sessions.ts";
import { PollingTransport } from "../../src/engine/transports/polling.ts";
import { FakeExchange } from "../support/fake-exchange.ts";
import { MemoryTransport } from "../support/memory-transport.ts";
import { requestOptions, sessionsFor } from "../support/sessions.ts";

/** A plain session that polls, and a WebSocket that has come with its id. */
async function openUpgrade(options: Partial<SessionOptions> = {}) {
  const { sessions, clock, opened, open } = sessionsFor({
    pingIntervalMs: 25_000,
    pingTimeoutMs: 20_000,
    ...options,
  });
  const transport = new PollingTransport(requestOptions(clock));
  const session = open(transport, { upgrades: ["websocket"] });
  transport.receiveExchange(FakeExchange.get({}));
  await Promise.resolve();
  const webSocket = new MemoryTransport();
  session.receiveWebSocket(webSocket);
  const request = (exchange: FakeExchange): FakeExchange => {
    session.receiveExchange(exchange, "polling");
    return exchange;
  };
  const poll = (): FakeExchange => request(FakeExchange.get());
  const post = (body?: string): FakeExchange => request(FakeExchange.post(body));
  return { sessions, clock, webSocket, poll, post, ...opened[0]!, session };
}

describe("an upgrade", () => {
  test("goes as stock clients do it", async () => {
    const { clock, session, webSocket, poll, told } = await openUpgrade();
    const held = poll();
    assert.ok(session.isUpgrading);
    webSocket.receive("2probe");
    assert.deepEqual(webSocket.take(), ["3probe"]);
    clock.advance(99);
    await Promise.resolve();
    assert.equal(held.status, undefined);
    clock.advance(1);
    await Promise.resolve();
    assert.equal(held.text, "6");
    assert.equal(session.transportName, "polling");
    webSocket.receive("5");
    assert.equal(session.transportName, "websocket");
    assert.ok(!session.isUpgrading);
    assert.deepEqual(told, [["transport", "websocket"]]);
    assert.ok(!session.acceptsRequest("polling"));
    assert.equal(poll().status, 400);
    session.send("up there");
    assert.deepEqual(webSocket.take(), ["4up there"]);
    webSocket.receive("4and back");
    assert.equal(webSocket.ending, undefined);
    assert.equal(clock.pending, 1);
  });

  test("goes on when the session ends meanwhile: what was sent before, and the end, come on the WebSocket", async () => {
    const { session, webSocket, told } = await openUpgrade();
    webSocket.receive("2probe");
    webSocket.take();
    session.send("last words");
    session.close();
    assert.equal(webSocket.ending, undefined);
    webSocket.receive("5");
    assert.deepEqual(webSocket.take(), ["4last words"]);
    assert.equal(webSocket.ending, "normal");
    assert.deepEqual(
      told.map(([what]) => what),
      ["close"],
    );
  });

  test("is over with the session where the client polls on and hears of the end there", async () => {
    const { session, webSocket, poll } = await openUpgrade();
    webSocket.receive("2probe");
    webSocket.take();
    session.send("last words");
    session.close();
    const words = poll();
    await Promise.resolve();
    assert.equal(words.text, "4last words");
    const end = poll();
    await Promise.resolve();
    assert.equal(end.text, "1");
    assert.equal(webSocket.ending, "normal");
  });

  test("lets every held GET go until it is done", async () => {
    const { clock, webSocket, poll } = await openUpgrade();
    webSocket.receive("2probe");
    for (let round = 0; round < 3; round++) {
      const held = poll();
      clock.advance(100);
      await Promise.resolve();
      assert.equal(held.text, "6");
    }
    webSocket.receive("5");
    clock.advance(1000);
    assert.equal(clock.pending, 1);
  });

  test("loses nothing: until then messages go by polling, what waits goes over", async () => {
    const { session, webSocket, poll, post, received } = await openUpgrade();
    webSocket.receive("2probe");
    webSocket.take();
    const held = poll();
    session.send("polled");
    await Promise.resolve();
    assert.equal(held.text, "4polled");
    session.send("waits", [Uint8Array.of(1)]);
    session.sendPrepared(new PreparedMessage("too", [Uint8Array.of(2)]));
    post("4before");
    assert.deepEqual(webSocket.take(), []);
    webSocket.receive("5");
    session.send("after");
    webSocket.receive("4after");
    const all = ["4waits", Uint8Array.of(1), "4too", Uint8Array.of(2), "4after"];
    assert.deepEqual(webSocket.take(), all);
    assert.deepEqual(received, ["before", "after"]);
  });

  test("takes a ping along that nobody has fetched", async () => {
    const { clock, session, webSocket } = await openUpgrade({ pingIntervalMs: 300, pingTimeoutMs: 200 });
    webSocket.receive("2probe");
    webSocket.take();
    clock.advance(300);
    webSocket.receive("5");
    assert.deepEqual(webSocket.take(), ["2"]);
    clock.advance(199);
    webSocket.receive("3");
    clock.advance(299);
    assert.ok(session.isOpen);
  });

  test("waits for a body that is still coming in, and hands it over first", async () => {
    const { session, webSocket, post, received } = await openUpgrade();
    const running = post();
    webSocket.receive("2probe");
    webSocket.receive("5");
    assert.ok(webSocket.isPaused);
    assert.equal(session.transportName, "polling");
    running.completeBody("4before");
    assert.equal(running.text, "ok");
    assert.equal(session.transportName, "websocket");
    assert.ok(!webSocket.isPaused);
    webSocket.receive("4after");
    assert.deepEqual(received, ["before", "after"]);
  });

  test("ends with the session when that body is cut", async () => {
    const { webSocket, post, told, clock } = await openUpgrade();
    const running = post();
    webSocket.receive("2probe");
    webSocket.receive("5");
    running.failBody("aborted");
    assert.equal(told[0]?.[1], "transport error");
    assert.equal(webSocket.ending, "normal");
    assert.equal(clock.pending, 0);
  });

  test("answers a GET that is still held, although no stock client has one", async () => {
    const { webSocket, poll } = await openUpgrade();
    const held = poll();
    webSocket.receive("2probe");
    webSocket.receive("5");
    assert.equal(held.text, "6");
  });
});

describe("a WebSocket that does not upgrade is closed, and the session goes on", () => {
  for (const packets of [
    ["5"],
    ["2"],
    ["2prob"],
    ["4a"],
    ["3probe"],
    ["6"],
    [""],
    ["2probe", "4a"],
    ["2probe", "1"],
  ]) {
    test(`after ${JSON.stringify(packets)}`, async () => {
      const { clock, session, webSocket, told, received, poll } = await openUpgrade();
      for (const packet of packets) webSocket.receive(packet);
      assert.equal(webSocket.ending, "normal");
      assert.ok(!session.isUpgrading);
      webSocket.receive("2probe");
      webSocket.receive("5");
      webSocket.end(true);
      assert.equal(session.transportName, "polling");
      assert.deepEqual([told, received], [[], []]);
      assert.equal(clock.pending, 1);
      const held = poll();
      session.send("on");
      await Promise.resolve();
      assert.equal(held.text, "4on");
    });
  }

  test("after a binary message", async () => {
    const { webSocket, session } = await openUpgrade();
    webSocket.receiveBinary(Uint8Array.of(1));
    assert.equal(webSocket.ending, "normal");
    assert.ok(session.isOpen);
  });

  test("when its time is over, before and after the probe", async () => {
    for (const probed of [false, true]) {
      const { clock, webSocket, session } = await openUpgrade({ upgradeTimeoutMs: 1050 });
      if (probed) webSocket.receive("2probe");
      clock.advance(1049);
      assert.equal(webSocket.ending, undefined);
      clock.advance(1);
      assert.equal(webSocket.ending, "normal");
      assert.ok(!session.isUpgrading);
      assert.equal(clock.pending, 1);
    }
  });

  test("when it is lost; another one may come", async () => {
    const { webSocket, session } = await openUpgrade();
    webSocket.receive("2probe");
    webSocket.fail(new Error("reset"));
    webSocket.end(false);
    assert.ok(session.isOpen && !session.isUpgrading);
    const second = new MemoryTransport();
    session.receiveWebSocket(second);
    second.receive("2probe");
    second.receive("5");
    assert.equal(session.transportName, "websocket");
  });

  test("when another one is upgrading, or has", async () => {
    const { webSocket, session } = await openUpgrade();
    const second = new MemoryTransport();
    session.receiveWebSocket(second);
    assert.equal(second.ending, "normal");
    webSocket.receive("2probe");
    webSocket.receive("5");
    const third = new MemoryTransport();
    session.receiveWebSocket(third);
    assert.equal(third.ending, "normal");
    assert.equal(webSocket.ending, undefined);
  });

  test("when the session ends", async () => {
    for (const probed of [false, true]) {
      const { webSocket, post, clock, session } = await openUpgrade();
      if (probed) webSocket.receive("2probe");
      post("1");
      assert.equal(webSocket.ending, "normal");
      assert.equal(clock.pending, 0);
      const late = new MemoryTransport();
      session.receiveWebSocket(late);
      assert.equal(late.ending, "normal");
    }
  });
});
