import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { settle } from "../support/fake-client.ts";
import { pollingLink, webSocketLink } from "../support/fake-session.ts";

describe("a link whose WebSocket is lost", () => {
  test("goes on over a new one at once, and nobody is told", async () => {
    const { platform, session, handler } = await webSocketLink();
    platform.webSocket.say("4one");
    platform.webSocket.lose(new Error("cut"));
    assert.equal(session.bufferedBytes, Number.POSITIVE_INFINITY);
    session.send("while it was down", []);
    const next = platform.webSocket;
    assert.equal(new URL(next.url).searchParams.get("sid"), "s");
    next.accept();
    assert.deepEqual(next.take(), ["2probe"]);
    next.say("3probe");
    assert.deepEqual(next.take(), ["51,1"]);
    next.say("60");
    assert.deepEqual(next.take(), ["4while it was down"]);
    assert.deepEqual([handler.events, handler.kinds], [["open"], ["websocket"]]);
  });

  test("sends again what the server has not received, and nothing else", async () => {
    const { platform, session } = await webSocketLink();
    session.send("1", [Uint8Array.of(2)]);
    session.send("3", []);
    platform.webSocket.lose();
    platform.webSocket.accept();
    platform.webSocket.say("3probe", "61");
    assert.deepEqual(platform.webSocket.take(), ["2probe", "51,0", Uint8Array.of(2), "43"]);
  });

  test("falls back to polling, and says that it was interrupted and goes on", async () => {
    const { platform, session, handler, advance } = await webSocketLink({
      transports: ["websocket", "polling"],
    });
    platform.webSocket.lose();
    platform.webSocket.lose(new Error("refused"));
    await settle();
    assert.deepEqual(platform.request("GET").query, { transport: "polling", sid: "s", move: "1", ack: "0" });
    platform.request("GET").fail();
    await settle();
    assert.deepEqual(handler.events, ["open", "interrupted", "pause 1"]);
    session.send("x", []);
    await advance(500);
    assert.equal(platform.request("GET").query.move, "2");
    assert.deepEqual([platform.request("POST").query.seq, platform.request("POST").body], ["1", "4x"]);
    platform.request("GET").answer("60");
    await settle();
    assert.deepEqual(handler.events.slice(3), ["resumed"]);
    assert.deepEqual(handler.kinds, ["websocket", "polling"]);
  });

  test("waits longer and longer, until the server has been silent for too long", async () => {
    const { platform, clock, handler, advance } = await webSocketLink({
      transports: ["websocket", "polling"],
    });
    platform.webSocket.lose();
    platform.webSocket.lose();
    for (let second = 0; second < 44; second++) {
      for (const request of platform.pending()) request.fail();
      await advance(1000);
      assert.equal(handler.end, undefined);
    }
    const attempts = platform.requests.length;
    assert.ok(attempts > 8 && attempts < 40, `${attempts} attempts`);
    await advance(1000);
    assert.equal(handler.end?.reason, "transport close");
    await settle();
    assert.equal(clock.pending, 0);
  });

  test("is over as soon as the server does not know it", async () => {
    const { platform, handler } = await webSocketLink();
    platform.webSocket.lose();
    platform.webSocket.lose();
    await settle();
    platform.request("GET").answer('{"code":1,"message":"Session ID unknown"}', 400);
    await settle();
    assert.equal(handler.end?.reason, "transport close");
  });

  test("does not wait for an answer that does not come", async () => {
    const { platform, advance } = await webSocketLink({ probeTimeout: 2000 });
    platform.webSocket.lose();
    platform.webSocket.accept();
    await advance(2000);
    assert.equal(platform.webSocket.isClosed, true);
    assert.equal(platform.request("GET").query.move, "1");
    await advance(2000);
    assert.equal(platform.pending().length, 0);
  });
});

test("a WebSocket that goes silent is left for polling before the session is over", async () => {
  const { platform, handler, advance } = await webSocketLink({ transports: ["websocket", "polling"] });
  await advance(34_999);
  assert.equal(platform.requests.length, 0);
  await advance(1);
  assert.equal(platform.webSocket.isClosed, true);
  platform.request("GET").answer("60\u001E4here");
  await settle();
  assert.deepEqual([handler.received, handler.kinds], [["here"], ["websocket", "polling"]]);
  assert.equal(handler.end, undefined);
});

test("requests that are cut after five seconds make the client ask for shorter ones", async () => {
  const { platform, handler, advance } = await pollingLink();
  for (const hold of [undefined, undefined, "4000", "4000"]) {
    const request = platform.request("GET");
    assert.equal(request.query.hold, hold);
    // The server says where it stands after each move.
    if (request.query.move !== "0") request.answer("60");
    await settle();
    const held = platform.request("GET");
    await advance(hold === undefined ? 5000 : 4000);
    if (hold === undefined) held.fail();
    else held.answer("6");
    await settle();
  }
  assert.deepEqual(handler.events, ["open"]);
});

test("where even short ones are cut, the client asks from time to time", async () => {
  const { platform, advance } = await pollingLink();
  for (let cut = 0; cut < 2; cut++) {
    if (cut > 0) platform.request("GET").answer("60");
    await advance(1100);
    platform.request("GET").fail();
    await settle();
  }
  assert.equal(platform.request("GET").query.hold, "0");
  platform.request("GET").answer("60");
  await settle();
  assert.equal(platform.pending("GET").length, 0);
  for (const pauseMs of [100, 200, 400, 800, 1600, 1600]) {
    await advance(pauseMs - 1);
    assert.equal(platform.pending("GET").length, 0);
    await advance(1);
    if (pauseMs < 1600) platform.request("GET").answer("6");
    else break;
  }
  // What has something to say is asked again at once.
  platform.request("GET").answer("4x");
  await settle();
  assert.equal(platform.pending("GET").length, 1);
});

test("a POST whose answer is lost is sent again with the same number", async () => {
  const { platform, session, advance } = await pollingLink();
  session.send("a", []);
  await settle();
  session.send("b", []);
  await advance(1000);
  platform.request("POST").fail();
  await settle();
  const again = platform.request("POST");
  assert.deepEqual([again.query.seq, again.query.move, again.body], ["1", "1", "4a\u001E4b"]);
  platform.request("GET").answer("61");
  again.answer("ok");
  await settle();
  session.send("c", []);
  await settle();
  assert.deepEqual([platform.request("POST").query.seq, platform.request("POST").body], ["3", "4c"]);
});

test("a page that answers instead of the server is no answer", async () => {
  const { platform, session, handler, advance } = await pollingLink();
  session.send("a", []);
  await advance(1000);
  platform.request("POST").answer("<!doctype html>");
  await settle();
  assert.equal(platform.request("POST").query.seq, "1");
  assert.equal(handler.end, undefined);
});
