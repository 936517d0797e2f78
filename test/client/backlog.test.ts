import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ManagerOptions } from "../../src/client/options.ts";
import { settle } from "../support/fake-client.ts";
import { openPacket } from "../support/fake-platform.ts";
import { fakeSession, pollingLink } from "../support/fake-session.ts";

const TOO_MUCH = {
  reason: "transport error",
  error: new Error("More than 300 bytes wait."),
} as const;

/** A plain session by polling, which can go to WebSocket if the options say so. */
async function polling(options: ManagerOptions) {
  const made = await fakeSession({ transports: ["polling"], maxBufferedBytes: 300, ...options });
  made.platform.request("GET").answer(openPacket());
  await settle();
  return made;
}

/** A plain session on WebSocket. */
async function webSocket(options: ManagerOptions) {
  const made = await fakeSession({ transports: ["websocket"], maxBufferedBytes: 300, ...options });
  made.platform.webSocket.open();
  return made;
}

describe("what waits in a plain session", () => {
  test("is limited while a request is on its way", async () => {
    const { platform, session, handler, clock } = await polling({});
    session.send("0123456789", [Uint8Array.of(1)]);
    await settle();
    // With the digit and as base64: 11 + 64 and 5 + 64 bytes, and then twice 11 + 64.
    session.send("0123456789", []);
    session.send("0123456789", []);
    assert.ok(handler.isOpen);
    session.send("", []);
    assert.deepEqual(handler.end, TOO_MUCH);
    assert.equal(platform.request("POST").body, "40123456789\u001EbAQ==");
    platform.request("POST").answer("ok");
    await settle();
    assert.equal(platform.request("POST").body, "40123456789\u001E40123456789\u001E1");
    platform.request("POST").answer("ok");
    await settle();
    assert.deepEqual([platform.pending().length, clock.pending], [0, 0]);
  });

  test("is limited while it moves, and free again when it has", async () => {
    const { platform, session, handler } = await polling({ transports: ["polling", "websocket"] });
    platform.webSocket.accept();
    platform.webSocket.say("3probe");
    for (let count = 0; count < 4; count++) session.send("0123456789", []);
    assert.ok(handler.isOpen);
    platform.request("GET").answer("6");
    await settle();
    assert.equal(platform.webSocket.take().length, 6);
    for (let count = 0; count < 4; count++) session.send("0123456789", []);
    assert.ok(handler.isOpen);

    const moving = await polling({ transports: ["polling", "websocket"] });
    moving.platform.webSocket.accept();
    moving.platform.webSocket.say("3probe");
    for (let count = 0; count < 5; count++) moving.session.send("0123456789", []);
    assert.deepEqual(moving.handler.end, TOO_MUCH);
  });

  test("is limited on a WebSocket that does not take it", async () => {
    const { platform, session, handler } = await webSocket({});
    platform.webSocket.bufferedAmount = 230;
    session.send("012345", []);
    assert.ok(handler.isOpen);
    session.send("0123456", []);
    assert.deepEqual(handler.end, TOO_MUCH);
    assert.deepEqual(platform.webSocket.take(), ["4012345", "1"]);
  });

  test("is not limited with 0, and at 64 MiB unless said", async () => {
    const free = await webSocket({ maxBufferedBytes: 0 });
    free.platform.webSocket.bufferedAmount = 2 ** 40;
    free.session.send("x", []);
    assert.ok(free.handler.isOpen);
    const { session, handler, platform } = await fakeSession({ transports: ["websocket"] });
    platform.webSocket.open();
    const longest = "x".repeat(64 * 1024 * 1024 - 64);
    session.send(longest, []);
    assert.ok(handler.isOpen);
    session.send(`${longest}x`, []);
    assert.equal(handler.end?.reason, "transport error");
  });
});

test("a server that pings and takes nothing makes nothing grow", async () => {
  const pings = Array.from({ length: 100 }, () => "2").join("\u001E");
  const link = await pollingLink({ maxBufferedBytes: 300 });
  for (const { platform, session, handler } of [await polling({}), link]) {
    platform.request("GET").answer(pings);
    await settle();
    assert.ok(handler.isOpen);
    assert.ok(session.bufferedBytes <= 300);
    platform.request("POST").answer("ok");
    await settle();
    assert.equal(session.bufferedBytes, 0);
    platform.request("GET").answer("2");
    await settle();
    assert.equal(platform.request("POST").body?.[0], "3");
  }
});
