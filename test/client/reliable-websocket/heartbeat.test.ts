import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SLEEP_LATE_MS, SLEEP_WATCH_MS } from "../../../src/client/liveness.ts";
import type { HeartbeatOptions } from "../../../src/client/reliable-websocket/options.ts";
import { openReliable } from "../../support/reliable-client.ts";

const open = (heartbeat: Partial<HeartbeatOptions> = {}) =>
  openReliable({ heartbeat: { message: "?", interval: 100, timeout: 30, retries: 2, ...heartbeat } });

describe("a heartbeat", () => {
  test("is sent after a silence; any message is a sign of life, and is delivered", () => {
    const { platform, clock, events } = open();
    clock.advance(60);
    platform.webSocket.say("news");
    clock.advance(99);
    assert.deepEqual(platform.webSocket.take(), []);
    clock.advance(1);
    assert.deepEqual(platform.webSocket.take(), ["?"]);
    clock.advance(10);
    platform.webSocket.say("more");
    clock.advance(99);
    assert.deepEqual(platform.webSocket.take(), []);
    clock.advance(1);
    assert.deepEqual(platform.webSocket.take(), ["?"]);
    assert.deepEqual(events, ["message news", "message more"]);
  });

  test("is sent again so many times, and then the connection is given up", () => {
    const { platform, clock, events } = open();
    clock.advance(100 + 30 + 30 + 29);
    assert.deepEqual([platform.webSocket.take(), events], [["?", "?", "?"], []]);
    clock.advance(1);
    assert.deepEqual(events, ["error RWS_ERR_HEARTBEAT_TIMEOUT", "reconnecting 1 1006"]);
    assert.equal(platform.webSocket.isClosed, true);
  });

  test("that is answered late leaves the count at nothing", () => {
    const { platform, clock, events } = open();
    clock.advance(100 + 30 + 30);
    platform.webSocket.say("late");
    platform.webSocket.take();
    clock.advance(100 + 30 + 30 + 29);
    assert.deepEqual([platform.webSocket.take(), events], [["?", "?", "?"], ["message late"]]);
  });

  test("may have answers of its own: they are not delivered, and nothing else counts", () => {
    const { platform, clock, events } = open({ isAnswer: (message) => message === "!", retries: 0 });
    clock.advance(100);
    platform.webSocket.say("!", "news");
    clock.advance(100);
    assert.deepEqual([platform.webSocket.take(), events.splice(0)], [["?", "?"], ["message news"]]);
    platform.webSocket.say("news", "news");
    clock.advance(30);
    assert.deepEqual(events.slice(2), ["error RWS_ERR_HEARTBEAT_TIMEOUT", "reconnecting 1 1006"]);
  });

  test("may be bytes, or made each time; what throws is told", () => {
    const bytes = open({ message: Uint8Array.of(9) });
    bytes.clock.advance(100);
    assert.deepEqual(bytes.platform.webSocket.take(), [Uint8Array.of(9)]);
    let count = 0;
    const made = open({
      message: () => {
        count += 1;
        if (count === 2) throw new Error("oh");
        return `? ${count}`;
      },
      isAnswer: (message) => {
        if (message === "worse") throw new Error("oh");
        return false;
      },
    });
    made.clock.advance(100 + 30 + 30);
    assert.deepEqual(made.platform.webSocket.take(), ["? 1", "? 3"]);
    made.platform.webSocket.say("worse");
    assert.deepEqual(made.events, ["error RWS_ERR_CALLBACK", "error RWS_ERR_CALLBACK", "message worse"]);
  });

  test("begins anew with each connection, and ends with it", () => {
    const { platform, clock, socket } = open();
    clock.advance(99);
    platform.webSocket.lose();
    clock.advance(1000);
    platform.webSocket.accept();
    clock.advance(99);
    assert.deepEqual(platform.webSocket.take(), []);
    clock.advance(1);
    assert.deepEqual(platform.webSocket.take(), ["?"]);
    socket.close();
    assert.equal(clock.pending, 0);
  });

  test("goes before what waits for a Blob to be read", () => {
    const { platform, clock, socket } = open();
    socket.send(new Blob(["x"]));
    clock.advance(100);
    assert.deepEqual(platform.webSocket.take(), ["?"]);
  });

  test("is sent at once when there is a reason to doubt, and not twice", () => {
    for (const event of ["online", "visibilitychange", "pageshow"] as const) {
      const { platform } = open();
      platform.tell(event);
      platform.tell(event);
      assert.deepEqual(platform.webSocket.take(), ["?"], event);
    }
    const { platform, clock, events } = open({ interval: 1e6, timeout: 1e6 });
    platform.sleep(SLEEP_LATE_MS);
    clock.advance(SLEEP_WATCH_MS);
    assert.deepEqual([platform.webSocket.take(), events], [["?"], []]);
  });
});

test("without a heartbeat nothing is sent, and a quiet connection is kept", () => {
  const { platform, clock, events } = openReliable();
  platform.tell("visibilitychange");
  platform.sleep(3_600_000);
  clock.advance(3_600_000);
  assert.deepEqual([platform.webSocket.take(), events, clock.pending], [[], [], 0]);
});
