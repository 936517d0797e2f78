import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type AdmissionRateOptions, WaitingRoom } from "../../src/engine/waiting-room.ts";
import { withDefaults } from "../../src/engine/options.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { connectRaw, EngineClient } from "../support/engine-client.ts";
import { openPolling, POLLING_PATH, send, startEngine, WEBSOCKET_PATH } from "../support/engine-server.ts";
import { RecordingLogger } from "../support/recording-logger.ts";
import { until } from "../support/until.ts";

function rateOf(admission: AdmissionRateOptions) {
  return withDefaults({ admission, logger: new RecordingLogger() }).admission!;
}

function roomOf(options: AdmissionRateOptions) {
  const clock = new FakeClock();
  const room = new WaitingRoom(rateOf(options), clock);
  const called: string[] = [];
  const gone = new Set<string>();
  const come = (name: string): "in" | "waits" | "refused" => {
    if (room.take()) return "in";
    return room.wait({ isThere: () => !gone.has(name), onTurn: () => void called.push(name) })
      ? "waits"
      : "refused";
  };
  return { clock, room, called, gone, come };
}

test("the options have defaults, and are checked", () => {
  assert.deepEqual(rateOf({ perSecond: 1000 }), { perSecond: 1000, burst: 100, maxWaiting: 5000 });
  assert.deepEqual(rateOf({ perSecond: 2 }), { perSecond: 2, burst: 1, maxWaiting: 10 });
  for (const [name, options] of [
    ["admission.perSecond", { perSecond: 0 }],
    ["admission.burst", { perSecond: 1, burst: 0 }],
    ["admission.maxWaiting", { perSecond: 1, maxWaiting: -1 }],
  ] as const) {
    assert.throws(() => rateOf(options), { name: "RangeError", message: new RegExp(`"${name}"`) });
  }
  const unknown = { perSecond: 1, brst: 2 };
  assert.throws(() => rateOf(unknown), { name: "TypeError", message: /"brst"/ });
});

describe("a waiting room", () => {
  test("lets a burst in at once, then as many as the rate says, in order", () => {
    const { clock, called, come, room } = roomOf({ perSecond: 100, burst: 2, maxWaiting: 200 });
    assert.deepEqual(["a", "b", "c"].map(come), ["in", "in", "waits"]);
    for (let index = 0; index < 150; index++) assert.equal(come(String(index)), "waits");
    clock.advance(1000);
    assert.ok(called.length >= 99 && called.length <= 101, String(called.length));
    assert.deepEqual(called.slice(0, 4), ["c", "0", "1", "2"]);
    clock.advance(1000);
    assert.equal(called.length, 151);
    assert.equal(room.size, 0);
    assert.equal(clock.pending, 0);
    assert.equal(come("later"), "in");
  });

  test("nobody overtakes those who wait", () => {
    const { clock, come } = roomOf({ perSecond: 10, burst: 1 });
    assert.deepEqual(["a", "b"].map(come), ["in", "waits"]);
    clock.advance(50);
    assert.equal(come("c"), "waits");
  });

  test("is full at some time", () => {
    const { come } = roomOf({ perSecond: 10, burst: 1, maxWaiting: 2 });
    assert.deepEqual(["a", "b", "c", "d"].map(come), ["in", "waits", "waits", "refused"]);
    const none = roomOf({ perSecond: 10, burst: 1, maxWaiting: 0 });
    assert.deepEqual(["a", "b"].map(none.come), ["in", "refused"]);
  });

  test("says how long it would take", () => {
    const { come, room } = roomOf({ perSecond: 10, burst: 1, maxWaiting: 2 });
    for (const name of ["a", "b", "c"]) come(name);
    assert.equal(room.waitMs, 300);
  });

  test("lets those go who have left, soon, and they take nobody's turn", () => {
    const { clock, called, gone, come, room } = roomOf({ perSecond: 1, burst: 1 });
    for (const name of ["in", "a", "b", "c"]) come(name);
    gone.add("a").add("b");
    clock.advance(100);
    assert.deepEqual(called, ["a", "b"]);
    assert.equal(room.size, 1);
    clock.advance(910);
    assert.deepEqual(called, ["a", "b", "c"]);
  });
});

describe("a server with `admission`", () => {
  const options = (clock: FakeClock, maxWaiting: number) => ({
    clock,
    admission: { perSecond: 10, burst: 1, maxWaiting },
  });

  test("has handshakes wait, on any transport, and refuses those that are too many", async (t) => {
    const clock = new FakeClock();
    const { engine, port } = await startEngine(t, options(clock, 2));
    await openPolling(port);
    const polling = send(port, POLLING_PATH);
    const websocket = EngineClient.open(t, port, WEBSOCKET_PATH);
    const seen = new Set<number>();
    const errors: unknown[] = [];
    engine.on("connection_error", ({ context }) => void errors.push(context["name"]));
    // The two have come when the next one is refused; one that comes before them waits instead of them, and is refused with them.
    await until(() => engine.waitingCount === 2);
    for (let attempt = 0; attempt < 20; attempt++) {
      const { status, headers, text } = await send(port, POLLING_PATH);
      assert.equal(status, 503);
      assert.equal(JSON.parse(text).code, 3);
      const seconds = Number(headers["retry-after"]);
      assert.ok(seconds >= 1 && seconds <= 6, String(seconds));
      seen.add(seconds);
    }
    assert.ok(seen.size > 1);
    assert.deepEqual(new Set(errors), new Set(["ADMISSION"]));
    assert.equal(engine.clientsCount, 1);
    clock.advance(200);
    assert.equal((await polling).status, 200);
    await websocket;
    assert.equal(engine.clientsCount, 3);
    assert.equal(engine.waitingCount, 0);
  });

  test("forgets those who leave while they wait", async (t) => {
    const clock = new FakeClock();
    const admission = { perSecond: 0.02, burst: 1, maxWaiting: 10 };
    const { engine, port } = await startEngine(t, { clock, admission });
    const errors: unknown[] = [];
    engine.on("connection_error", ({ context }) => void errors.push(context["name"]));
    await openPolling(port);
    const [half, cut] = [await connectRaw(t, port), await connectRaw(t, port)];
    await half.writeHandshake(WEBSOCKET_PATH);
    await cut.writeHandshake(WEBSOCKET_PATH);
    const polling = send(port, POLLING_PATH, {
      onSent: (abort) => void until(() => engine.waitingCount === 3).then(abort),
    });
    await assert.rejects(polling);
    half.end();
    cut.destroy();
    await until(() => {
      clock.advance(10);
      return engine.waitingCount === 0;
    });
    // It was not yet anybody's turn.
    assert.ok(clock.now() < 25_000);
    await until(() => errors.length === 3);
    assert.deepEqual(new Set(errors), new Set(["CLIENT_GONE"]));
    assert.equal(engine.clientsCount, 1);
  });

  test("refuses those who wait when it drains", async (t) => {
    const clock = new FakeClock();
    const { engine, port } = await startEngine(t, options(clock, 10));
    await openPolling(port);
    const waiting = send(port, POLLING_PATH);
    await until(() => engine.waitingCount === 1);
    void engine.drain();
    assert.equal((await waiting).status, 503);
    assert.equal(engine.waitingCount, 0);
  });
});
