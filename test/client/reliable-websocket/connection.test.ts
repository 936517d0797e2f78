import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { settle } from "../../support/fake-client.ts";
import { fakeReliable } from "../../support/reliable-client.ts";

describe("an address that a function gives", () => {
  test("is asked for before each attempt", async () => {
    let asked = 0;
    const { platform, clock, socket } = fakeReliable({}, async () => `ws://localhost/${(asked += 1)}`);
    assert.equal(socket.url, "");
    await settle();
    assert.equal(socket.url, "ws://localhost/1");
    platform.webSocket.lose();
    clock.advance(1000);
    await settle();
    assert.deepEqual(
      platform.webSockets.map(({ url }) => url),
      ["ws://localhost/1", "ws://localhost/2"],
    );
  });

  test("that fails, or is none, is a failed attempt", async () => {
    const answers: (() => string | Promise<string>)[] = [
      () => Promise.reject(new Error("no token")),
      () => {
        throw new Error("no token");
      },
      () => "ftp://x",
      () => "ws://localhost/y",
    ];
    const { platform, clock, socket, events } = fakeReliable({}, () => answers.shift()!());
    const causes: unknown[] = [];
    socket.onerror = ({ error }) => void causes.push((error.cause as Error).message);
    for (let attempt = 1; attempt <= 3; attempt++) {
      await settle();
      assert.deepEqual(events.splice(0), ["error RWS_ERR_ADDRESS", `reconnecting ${attempt} 1006`]);
      clock.advance(5000);
    }
    await settle();
    assert.equal(platform.webSocket.url, "ws://localhost/y");
    assert.deepEqual(causes.slice(0, 2), ["no token", "no token"]);
  });

  test("that takes too long is a failed attempt, and comes for nothing", async () => {
    const given: ((url: string) => void)[] = [];
    const { platform, clock, events } = fakeReliable(
      { connectTimeout: 50 },
      () => new Promise<string>((give) => void given.push(give)),
    );
    await settle();
    clock.advance(50);
    assert.deepEqual(events, ["error RWS_ERR_CONNECT_TIMEOUT", "reconnecting 1 1006"]);
    given[0]!("ws://localhost/late");
    await settle();
    assert.equal(platform.webSockets.length, 0);
  });

  test("comes for nothing after the end", async () => {
    const { platform, socket } = fakeReliable({}, () => "ws://localhost/");
    socket.close();
    await settle();
    assert.equal(platform.webSockets.length, 0);
  });
});

test("a connection that is not there in time is given up", () => {
  const { platform, clock, events } = fakeReliable();
  clock.advance(9999);
  assert.deepEqual(events, []);
  clock.advance(1);
  assert.deepEqual(events, ["error RWS_ERR_CONNECT_TIMEOUT", "reconnecting 1 1006"]);
  assert.equal(platform.webSocket.isClosed, true);
  platform.webSocket.accept();
  assert.equal(events.length, 2);
});

test("what the platform refuses is told later, and tried again", async () => {
  const { platform, clock, events } = fakeReliable();
  platform.refusal = new Error("not from here");
  platform.webSocket.lose();
  events.splice(0);
  clock.advance(1000);
  assert.deepEqual(events, []);
  await settle();
  assert.deepEqual(events, ["error RWS_ERR_ADDRESS", "reconnecting 2 1006"]);
  platform.refusal = undefined;
  clock.advance(5000);
  assert.equal(platform.webSockets.length, 2);
});
