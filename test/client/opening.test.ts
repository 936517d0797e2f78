import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { RequestError } from "../../src/client/endpoint.ts";
import { settle } from "../support/fake-client.ts";
import { openPacket } from "../support/fake-platform.ts";
import { fakeSession } from "../support/fake-session.ts";

describe("the race", () => {
  test("is won by WebSocket if it opens in time: no request is made", async () => {
    const { platform, handler, advance } = await fakeSession();
    await advance(999);
    platform.webSocket.openLink();
    await advance(1000);
    assert.deepEqual([handler.kinds, handler.events], [["websocket"], ["open"]]);
    assert.equal(platform.requests.length, 0);
  });

  test("goes on with polling beside it after a second, and the slower one is closed", async () => {
    const { platform, handler, advance } = await fakeSession();
    await advance(1000);
    assert.deepEqual(platform.request("GET").query, {
      transport: "polling",
      errors: "1",
      drain: "1",
      link: "1",
    });
    assert.equal(platform.webSocket.isClosed, false);
    platform.request("GET").answer(openPacket({ link: 1, sid: "p" }));
    await settle();
    assert.deepEqual([handler.kinds, handler.events], [["polling"], ["open"]]);
    assert.equal(platform.webSocket.isClosed, true);
  });

  test("may still be won by WebSocket then: the request is given up", async () => {
    const { platform, handler, advance } = await fakeSession({ raceDelay: 10 });
    await advance(10);
    const request = platform.request("GET");
    platform.webSocket.openLink();
    await settle();
    assert.deepEqual(handler.kinds, ["websocket"]);
    assert.equal(request.isPending, false);
  });

  test("goes on where WebSocket comes second and can't even be opened", async () => {
    const { platform, handler, advance } = await fakeSession({}, "polling");
    platform.refusal = new Error("not from here");
    await advance(1000);
    platform.request("GET").answer(openPacket({ link: 1, sid: "p" }));
    await settle();
    assert.deepEqual(handler.kinds, ["polling"]);
  });

  test("does not wait where WebSocket fails", async () => {
    const { platform, handler } = await fakeSession();
    platform.webSocket.lose(new Error("refused"));
    await settle();
    platform.request("GET").answer(openPacket());
    await settle();
    assert.deepEqual(handler.kinds, ["polling"]);
  });

  test("does not count an opened WebSocket through which nothing comes", async () => {
    const { platform, handler, advance } = await fakeSession();
    platform.webSocket.accept();
    await advance(1000);
    platform.request("GET").answer(openPacket());
    await settle();
    assert.deepEqual(handler.kinds, ["polling"]);
    assert.equal(platform.webSocket.isClosed, true);
  });

  test("is lost with the first error when all have failed", async () => {
    const { platform, clock, handler } = await fakeSession();
    const error = new Error("refused");
    platform.webSocket.lose(error);
    await settle();
    platform.request("GET").answer("busy", 503);
    await settle();
    assert.deepEqual(handler.end, { reason: "transport error", error });
    assert.equal(clock.pending, 0);
  });

  test("is lost with the error that says when to come again, if there is one", async () => {
    const { platform, handler } = await fakeSession();
    platform.webSocket.lose(new Error("refused"));
    await settle();
    platform.request("GET").answer("busy", 503, { "retry-after": "7" });
    await settle();
    assert.equal((handler.end!.error as RequestError).retryAfterMs, 7000);
  });

  test("begins with what worked the last time", async () => {
    const { platform, handler, advance } = await fakeSession({}, "polling");
    assert.equal(platform.webSockets.length, 0);
    await advance(1000);
    assert.equal(platform.webSockets.length, 1);
    platform.request("GET").answer(openPacket());
    await settle();
    assert.deepEqual(handler.events, ["open"]);
  });

  test("has a time limit over all", async () => {
    const { platform, clock, handler, advance } = await fakeSession({ timeout: 3000 });
    await advance(3000);
    assert.match(String(handler.end?.error), /3000 ms/);
    assert.equal(platform.pending().length, 0);
    assert.equal(platform.webSocket.isClosed, true);
    assert.equal(clock.pending, 0);
  });
});

describe("a list of transports", () => {
  test("is opened by its first, and by nothing else", async () => {
    const { platform, handler, advance } = await fakeSession({ transports: ["polling", "websocket"] });
    await advance(5000);
    assert.equal(platform.webSockets.length, 0);
    platform.request("GET").answer("no", 500);
    await settle();
    assert.equal(handler.end?.reason, "transport error");
    assert.match(String(handler.end?.error), /500: no/);
  });

  test("is gone through with tryAllTransports", async () => {
    const transports = ["sse", "websocket", "polling"] as const;
    const { platform, handler } = await fakeSession({ transports, tryAllTransports: true });
    assert.equal(platform.request("GET").query.transport, "sse");
    platform.request("GET").answer('{"code":0,"message":"Transport unknown"}', 400);
    await settle();
    platform.webSocket.lose();
    await settle();
    assert.equal(platform.request("GET").query.transport, "polling");
    platform.request("GET").answer(openPacket());
    await settle();
    assert.deepEqual(handler.kinds, ["polling"]);
  });

  test("asks for a link unless WebSocket is all there is", async () => {
    const alone = await fakeSession({ transports: ["websocket"] });
    assert.equal(new URL(alone.platform.webSocket.url).searchParams.has("link"), false);
    const both = await fakeSession({ transports: ["websocket", "polling"] });
    assert.equal(new URL(both.platform.webSocket.url).searchParams.get("link"), "1");
  });

  test("may begin with WebSocket because it worked", async () => {
    const transports = ["polling", "websocket"] as const;
    const { platform } = await fakeSession({ transports, rememberUpgrade: true }, "websocket");
    assert.equal(platform.webSockets.length, 1);
    const other = await fakeSession({ transports }, "websocket");
    assert.equal(other.platform.webSockets.length, 0);
  });

  test("that is no list is refused", async () => {
    await assert.rejects(fakeSession({ transports: [] }), /empty/);
    await assert.rejects(fakeSession({ transports: ["carrier-pigeon" as "sse"] }), /"carrier-pigeon" is not/);
  });
});
