import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SLEEP_LATE_MS, SLEEP_WATCH_MS } from "../../src/client/liveness.ts";
import { fakeClient, joinedClient, recordEvents, settle } from "../support/fake-client.ts";
import { openPacket } from "../support/fake-platform.ts";
import { fakeSession, pollingLink, webSocketLink } from "../support/fake-session.ts";

describe("sleep", () => {
  test("makes a link renew its transport as soon as it is noticed", async () => {
    const { platform, clock, handler } = await webSocketLink();
    platform.sleep(SLEEP_LATE_MS);
    clock.advance(SLEEP_WATCH_MS - 1);
    assert.equal(platform.webSockets.length, 1);
    clock.advance(1);
    assert.equal(platform.webSockets.length, 2);
    assert.equal(platform.webSockets[0]!.isClosed, true);
    platform.webSocket.accept();
    platform.webSocket.say("3probe", "60");
    assert.deepEqual(handler.events, ["open"]);
  });

  test("is not seen in a timer that is only a little late, nor where the server was heard meanwhile", async () => {
    const { platform, clock } = await webSocketLink();
    platform.sleep(SLEEP_LATE_MS - 1);
    clock.advance(SLEEP_WATCH_MS);
    // A page in the background: its timers are late, its messages are not.
    platform.sleep(60_000);
    platform.webSocket.say("20");
    clock.advance(SLEEP_WATCH_MS);
    assert.equal(platform.webSockets.length, 1);
  });

  test("longer than a session lives ends it at once", async () => {
    for (const { platform, clock, handler } of [await webSocketLink(), await plainSession()]) {
      platform.sleep(45_000);
      clock.advance(SLEEP_WATCH_MS);
      assert.equal(handler.end?.reason, "ping timeout");
      assert.equal(clock.pending, 0);
    }
  });

  test("shorter than that leaves a plain session alone, and its deadline is that of the clock on the wall", async () => {
    const { platform, clock, handler } = await plainSession();
    platform.sleep(30_000);
    clock.advance(SLEEP_WATCH_MS);
    assert.equal(handler.isOpen, true);
    platform.tell("visibilitychange");
    assert.equal(handler.isOpen, true);
    platform.sleep(10_000);
    clock.advance(SLEEP_WATCH_MS);
    assert.equal(handler.end?.reason, "ping timeout");
  });
});

test("a silent server: a link tries polling, and ends when that brings nothing in time; a plain session only ends", async () => {
  const link = await webSocketLink({ probeTimeout: 60_000 });
  await link.advance(35_000);
  assert.equal(link.platform.pending("GET").length, 1);
  await link.advance(9_999);
  assert.ok(link.handler.isOpen);
  await link.advance(1);
  assert.equal(link.handler.end?.reason, "transport close");
  const plain = await plainSession();
  await plain.advance(44_999);
  assert.ok(plain.handler.isOpen);
  await plain.advance(1);
  assert.equal(plain.handler.end?.reason, "ping timeout");
  assert.equal(link.clock.pending + plain.clock.pending, 0);
});

describe("offline", () => {
  test("closes a plain connection at once, and online brings it back at once", () => {
    const { platform, clock, socket } = joinedClient({
      reconnectionDelay: 60_000,
      reconnectionDelayMax: 60_000,
    });
    const events = recordEvents(socket, "disconnect", "connect");
    const told = recordEvents(socket.io, "offline", "online");
    platform.tell("offline");
    assert.deepEqual([events, told], [[["disconnect", "transport close"]], [["offline"]]]);
    assert.equal(platform.webSocket.isClosed, true);
    platform.tell("online");
    assert.equal(platform.webSockets.length, 2);
    platform.webSocket.join();
    assert.deepEqual([events.at(-1), told.at(-1)], [["connect"], ["online"]]);
    clock.advance(499);
    assert.equal(platform.webSockets.length, 2);
  });

  test("detaches a link at once, and online attaches it at once", async () => {
    const { platform, session, handler } = await webSocketLink();
    session.offline();
    assert.equal(platform.webSocket.isClosed, true);
    assert.deepEqual(handler.events, ["open", "interrupted", "pause 1"]);
    session.check(0);
    platform.webSocket.accept();
    platform.webSocket.say("3probe", "60");
    assert.deepEqual(handler.events.at(-1), "resumed");
    assert.equal(platform.webSockets.length, 2);
  });

  test("for longer than a session lives ends a link", async () => {
    const { platform, session, handler, advance } = await webSocketLink({
      transports: ["websocket", "polling"],
    });
    session.offline();
    for (let second = 0; second < 45; second++) {
      for (const request of platform.pending()) request.fail();
      await advance(1000);
    }
    assert.equal(handler.end?.reason, "transport close");
  });

  test("is told although there is no connection to lose", () => {
    const { platform, socket } = fakeClient();
    const told = recordEvents(socket.io, "offline");
    platform.tell("offline");
    assert.deepEqual(told, [["offline"]]);
  });
});

describe("the page", () => {
  test("that is left closes its connection properly, and opens it again when it is shown", () => {
    const { platform, socket } = joinedClient({ reconnectionDelay: 60_000, reconnectionDelayMax: 60_000 });
    const events = recordEvents(socket, "disconnect");
    platform.tell("pagehide");
    assert.deepEqual(platform.webSocket.take(), ["1"]);
    assert.deepEqual(events, [["disconnect", "transport close"]]);
    platform.tell("pageshow");
    assert.equal(platform.webSockets.length, 2);
  });

  test("that is left says so with a request that outlives it", async () => {
    const { platform, session } = await pollingLink();
    session.send("bye", []);
    session.close("transport close");
    await settle();
    const { init, body } = platform.request("POST");
    assert.deepEqual([init.keepalive, body], [true, "4bye\u001E1"]);
  });

  test("that is left takes a request under way with it, so all of it is sent again in one that outlives it", async () => {
    const { platform, session } = await pollingLink();
    session.send("under way", []);
    await settle();
    session.send("waits", []);
    session.close("transport close");
    await settle();
    assert.equal(platform.pending("GET").length, 0);
    const { query, init, body } = platform.request("POST");
    assert.deepEqual([query["move"], query["seq"]], ["1", "1"]);
    assert.deepEqual([init.keepalive, body], [true, "4under way\u001E4waits\u001E1"]);
  });

  test("that is left finishes a request that is too long to outlive it", async () => {
    const { platform, session } = await pollingLink();
    session.send("x".repeat(16 * 1024), []);
    await settle();
    session.close("transport close");
    await settle();
    const long = platform.request("POST");
    assert.deepEqual([long.query["move"], long.init.keepalive], ["0", false]);
    long.answer("ok");
    await settle();
    assert.equal(platform.request("POST").body, "1");
  });

  test("that is looked at again checks a link that has been silent for too long", async () => {
    const { platform, session, advance } = await webSocketLink();
    await advance(1000);
    session.check();
    assert.equal(platform.webSockets.length, 1);
    platform.sleep(34_000);
    session.check();
    assert.equal(platform.webSockets.length, 2);
  });
});

test("a client that is done listens to nothing", () => {
  const { platform, socket } = joinedClient();
  assert.equal(platform.watching, 1);
  socket.disconnect();
  assert.equal(platform.watching, 0);
  socket.connect();
  assert.equal(platform.watching, 1);
});

async function plainSession() {
  const made = await fakeSession({ transports: ["websocket"] });
  made.platform.webSocket.accept();
  made.platform.webSocket.say(openPacket({ pingInterval: 25_000, pingTimeout: 20_000 }));
  return made;
}
