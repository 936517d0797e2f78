import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { UPGRADE_PAUSE_MS } from "../../src/client/upgrading.ts";
import { settle } from "../support/fake-client.ts";
import { openPacket } from "../support/fake-platform.ts";
import { fakeSession, pollingLink } from "../support/fake-session.ts";

const BOTH = ["polling", "websocket"] as const;

/** A plain session that was opened over polling and may go to WebSocket. */
async function plain(options = {}) {
  const made = await fakeSession({ transports: BOTH, ...options });
  made.platform.request("GET").answer(openPacket({ pingInterval: 25_000, pingTimeout: 20_000 }));
  await settle();
  return made;
}

test("a WebSocket that can't even be opened is one that does not come through", async () => {
  for (const link of [{ link: 1 }, {}]) {
    const { platform, handler, advance } = await fakeSession({ transports: BOTH });
    platform.refusal = new Error("not from here");
    const times = { pingInterval: 2e6, pingTimeout: 2e6 };
    platform.request("GET").answer(openPacket({ ...times, ...link }));
    await advance(0);
    assert.ok(handler.isOpen);
    await advance(UPGRADE_PAUSE_MS);
    platform.refusal = undefined;
    await advance(UPGRADE_PAUSE_MS * 2);
    assert.equal(platform.webSockets.length, 1);
    assert.ok(handler.isOpen);
  }
});

describe("a plain session", () => {
  test("moves to WebSocket once its requests are done", async () => {
    const { platform, session, handler } = await plain();
    session.send("by request", []);
    await settle();
    const { webSocket } = platform;
    assert.equal(new URL(webSocket.url).searchParams.get("sid"), "s");
    webSocket.accept();
    assert.deepEqual(webSocket.take(), ["2probe"]);
    webSocket.say("3probe");
    session.send("meanwhile", [Uint8Array.of(1)]);
    platform.request("GET").answer("4last\u001E2");
    await settle();
    assert.deepEqual(webSocket.take(), []);
    platform.request("POST").answer("ok");
    await settle();
    assert.equal(platform.request("POST").body, "3");
    platform.request("POST").answer("ok");
    await settle();
    assert.deepEqual(webSocket.take(), ["5", "4meanwhile", Uint8Array.of(1)]);
    assert.deepEqual([handler.received, handler.kinds], [["last"], ["polling", "websocket"]]);
    assert.equal(platform.pending().length, 0);
    webSocket.say("4now");
    assert.deepEqual(handler.received, ["last", "now"]);
  });

  test("stays where it is when WebSocket does not come through, and tries again later", async () => {
    const { platform, session, handler, advance } = await plain({ probeTimeout: 1000 });
    platform.webSocket.accept();
    await advance(1000);
    assert.equal(platform.webSocket.isClosed, true);
    session.send("x", []);
    await settle();
    assert.equal(platform.request("POST").body, "4x");
    await advance(UPGRADE_PAUSE_MS - 1);
    assert.equal(platform.webSockets.length, 1);
    await advance(1);
    assert.equal(platform.webSockets.length, 2);
    platform.webSocket.lose();
    await advance(2 * UPGRADE_PAUSE_MS - 1);
    assert.equal(platform.webSockets.length, 2);
    await advance(1);
    assert.equal(platform.webSockets.length, 3);
    assert.deepEqual(handler.kinds, ["polling"]);
  });

  test("goes on by requests when the WebSocket is lost while they are being finished", async () => {
    const { platform, session } = await plain();
    platform.webSocket.accept();
    platform.webSocket.say("3probe");
    session.send("x", []);
    platform.request("GET").answer("6");
    platform.webSocket.lose();
    await settle();
    assert.equal(platform.request("POST").body, "4x");
    assert.equal(platform.pending("GET").length, 1);
  });

  test("does not move where that is not wanted, or not offered", async () => {
    const unwanted = await plain({ upgrade: false });
    assert.equal(unwanted.platform.webSockets.length, 0);
    const alone = await plain({ transports: ["polling"] });
    assert.equal(alone.platform.webSockets.length, 0);
    const { platform } = await fakeSession({ transports: BOTH });
    platform.request("GET").answer(openPacket({ upgrades: [] }));
    await settle();
    assert.equal(platform.webSockets.length, 0);
  });

  test("is over when a request fails", async () => {
    const { platform, clock, handler } = await plain();
    platform.request("GET").fail();
    await settle();
    assert.equal(handler.end?.reason, "transport error");
    assert.equal(platform.webSocket.isClosed, true);
    assert.equal(clock.pending, 0);
  });

  test("that is closed sends what waits, and gives up its request only then", async () => {
    const { platform, session } = await plain();
    platform.webSocket.accept();
    platform.webSocket.say("3probe");
    session.send("bye", []);
    session.close();
    await settle();
    assert.equal(platform.request("POST").body, "4bye\u001E1");
    assert.equal(platform.pending("GET").length, 1);
    platform.request("POST").answer("ok");
    await settle();
    assert.equal(platform.pending().length, 0);
  });
});

describe("a link", () => {
  test("moves to WebSocket without waiting for its requests", async () => {
    const { platform, session, handler } = await pollingLink({ transports: BOTH });
    session.send("a", []);
    await settle();
    platform.webSocket.accept();
    platform.webSocket.say("3probe");
    assert.deepEqual(platform.webSocket.take(), ["2probe", "51,0"]);
    assert.equal(platform.pending().length, 0);
    session.send("b", []);
    assert.deepEqual(platform.webSocket.take(), []);
    platform.webSocket.say("61");
    assert.deepEqual(platform.webSocket.take(), ["4b"]);
    assert.deepEqual(handler.kinds, ["polling", "websocket"]);
  });

  test("moves to an event stream where WebSocket fails, and goes on looking for WebSocket", async () => {
    const { platform, session, handler, advance } = await pollingLink({ transports: [...BOTH, "sse"] });
    platform.webSocket.lose();
    await settle();
    const stream = platform.request("GET");
    assert.deepEqual(stream.query, { transport: "sse", sid: "s", move: "1", ack: "0" });
    stream.stream();
    stream.say(":\n\ndata: 60\n\nid: 1\ndata: 4a\n\nda");
    await settle();
    stream.say('ta: "4b\\nc"\n\ndata: bAQI=\n\n');
    await settle();
    assert.deepEqual(handler.received, ["a", "b\nc", Uint8Array.of(1, 2)]);
    assert.deepEqual(handler.kinds, ["polling", "sse"]);
    session.send("up", []);
    await settle();
    assert.deepEqual(platform.request("POST").query, { transport: "sse", sid: "s", move: "1", seq: "1" });
    await advance(UPGRADE_PAUSE_MS);
    assert.equal(platform.webSockets.length, 2);
    platform.webSocket.accept();
    platform.webSocket.say("3probe");
    assert.deepEqual(platform.webSocket.take(), ["2probe", "52,3"]);
  });

  test("leaves an event stream whose first event does not come in time, for good", async () => {
    const { platform, handler, advance } = await pollingLink({ transports: ["polling", "sse"] });
    assert.equal(platform.request("GET").query.transport, "sse");
    platform.request("GET").stream();
    await advance(999);
    assert.equal(platform.request("GET").query.transport, "sse");
    await advance(1);
    assert.deepEqual(platform.request("GET").query, { transport: "polling", sid: "s", move: "2", ack: "0" });
    platform.request("GET").answer("60");
    await settle();
    assert.equal(platform.request("GET").query.transport, "polling");
    assert.deepEqual([handler.kinds, handler.events], [["polling"], ["open"]]);
  });

  test("leaves an event stream whose pings don't come", async () => {
    const { platform, advance } = await pollingLink({ transports: ["polling", "sse"] });
    platform.request("GET").stream();
    platform.request("GET").say("data: 60\n\n");
    await advance(35_000);
    assert.equal(platform.request("GET").query.transport, "polling");
    platform.request("GET").answer("60");
    await settle();
    assert.equal(platform.request("GET").query.transport, "polling");
  });

  test("renews an event stream that is cut", async () => {
    const { platform, handler, advance } = await pollingLink({ transports: ["polling", "sse"] });
    for (let move = 1; move < 5; move++) {
      const stream = platform.request("GET");
      assert.deepEqual(stream.query, { transport: "sse", sid: "s", move: `${move}`, ack: `${move - 1}` });
      stream.stream();
      stream.say("data: 60\n\ndata: 4x\n\n");
      await advance(5000);
      if (move % 2 === 0) stream.fail();
      else stream.end();
      await settle();
    }
    assert.equal(handler.received.length, 4);
    assert.deepEqual(handler.events, ["open"]);
  });
});
