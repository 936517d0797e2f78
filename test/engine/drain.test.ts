import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Drain, drainSettings, type DrainOptions, type Leaver } from "../../src/engine/drain.ts";
import { Server, type ServerOptions } from "../../src/engine/index.ts";
import type { SessionCloseReason } from "../../src/engine/session-contract.ts";
import { PollingTransport } from "../../src/engine/transports/polling.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { connectRaw, EngineClient } from "../support/engine-client.ts";
import { openPolling, POLLING_PATH, send, startEngine, WEBSOCKET_PATH } from "../support/engine-server.ts";
import { FakeExchange } from "../support/fake-exchange.ts";
import { MemoryTransport } from "../support/memory-transport.ts";
import { SeededRandom } from "../../src/testing/seeded-random.ts";
import { requestOptions, sessionsFor } from "../support/sessions.ts";

class FakeSession implements Leaver {
  isOpen = true;
  bufferedBytes = 0;
  obeys = false;
  askedFor: number | undefined;
  ending: SessionCloseReason | undefined;

  askToLeave(returnAfterMs: number): boolean {
    if (this.obeys) this.askedFor = returnAfterMs;
    return this.obeys;
  }

  close(reason: SessionCloseReason): void {
    this.isOpen = false;
    this.ending = reason;
  }
}

function drainOf(
  count: number,
  options: DrainOptions = {},
  prepare?: (session: FakeSession, index: number) => void,
) {
  const clock = new FakeClock();
  const sessions = Array.from({ length: count }, () => new FakeSession());
  for (const [index, session] of sessions.entries()) prepare?.(session, index);
  let ends = 0;
  const drain = new Drain(sessions, drainSettings(options), clock, new SeededRandom(7), () => (ends += 1));
  return {
    clock,
    sessions,
    drain,
    open: () => sessions.filter(({ isOpen }) => isOpen).length,
    ends: () => ends,
  };
}

describe("sessions end", () => {
  test("evenly over the time, the last one when it is over", () => {
    const { clock, open, ends } = drainOf(1000, { overMs: 10_000 });
    for (let second = 0; second < 10; second++) {
      assert.ok(Math.abs(open() - (1000 - 100 * second)) <= 5, `${open()} after ${second} s`);
      clock.advance(500);
      clock.advance(500);
    }
    assert.equal(open(), 0);
    assert.equal(ends(), 1);
    assert.equal(clock.pending, 0);
  });

  test("in batches, not more often than every 50 ms", () => {
    const { clock, open } = drainOf(10_000, { overMs: 1000 });
    clock.advance(49);
    assert.equal(open(), 10_000);
    clock.advance(1);
    assert.equal(open(), 9500);
  });

  test("in random order", () => {
    const { clock, sessions } = drainOf(100, { overMs: 1000 });
    clock.advance(500);
    const gone = sessions.flatMap(({ isOpen }, index) => (isOpen ? [] : [index]));
    assert.equal(gone.length, 50);
    assert.ok(gone.some((index) => index < 50) && gone.some((index) => index >= 50));
  });

  test("all at once with 0", () => {
    const { clock, open, ends } = drainOf(100, { overMs: 0 });
    assert.equal(ends(), 0);
    clock.advance(0);
    assert.equal(open(), 0);
    assert.equal(ends(), 1);
  });

  test("for the reason that the server goes", () => {
    const { clock, sessions } = drainOf(1, { overMs: 0 });
    clock.advance(0);
    assert.equal(sessions[0]!.ending, "server shutting down");
  });

  test("when what waits for their client has left", () => {
    const { clock, sessions, open, ends } = drainOf(2, { overMs: 100, timeoutMs: 5000 }, (session) => {
      session.bufferedBytes = 1000;
    });
    clock.advance(1000);
    assert.equal(open(), 2);
    sessions[0]!.bufferedBytes = 0;
    clock.advance(50);
    assert.deepEqual(
      sessions.map(({ ending }) => ending),
      ["server shutting down", undefined],
    );
    clock.advance(3949);
    assert.equal(ends(), 0);
    clock.advance(1);
    assert.equal(ends(), 1);
    // Whoever called closes those who are left.
    assert.equal(open(), 1);
    assert.equal(clock.pending, 0);
  });

  test("by their clients, if these understand", () => {
    const { clock, sessions, drain, ends } = drainOf(
      2,
      { overMs: 0, returnAfterMs: 300 },
      (session, index) => {
        session.obeys = index === 0;
        session.bufferedBytes = 10;
      },
    );
    clock.advance(0);
    const [obedient, stock] = sessions as [FakeSession, FakeSession];
    assert.deepEqual([obedient.askedFor, stock.askedFor], [300, undefined]);
    assert.deepEqual([drain.awayMsOf(obedient), drain.awayMsOf(stock)], [300, undefined]);
    obedient.isOpen = false;
    stock.isOpen = false;
    clock.advance(50);
    assert.equal(ends(), 1);
    assert.deepEqual([obedient.ending, stock.ending], [undefined, undefined]);
  });

  test("without them, when they do not leave within 2 s after all has left", () => {
    const { clock, sessions, ends } = drainOf(1, { overMs: 0 }, (session) => {
      session.obeys = true;
      session.bufferedBytes = 10;
    });
    clock.advance(3000);
    sessions[0]!.bufferedBytes = 0;
    clock.advance(50);
    clock.advance(1950);
    assert.equal(sessions[0]!.isOpen, true);
    clock.advance(50);
    assert.equal(sessions[0]!.ending, "server shutting down");
    assert.equal(ends(), 1);
  });

  test("and it ends early when all have left by themselves", () => {
    const { clock, sessions, ends } = drainOf(3, { overMs: 10_000 });
    for (const session of sessions) session.isOpen = false;
    clock.advance(0);
    assert.equal(ends(), 1);
    assert.equal(clock.pending, 0);
  });
});

test("options that can't be are said", () => {
  for (const [name, options] of [
    ["overMs", { overMs: -1 }],
    ["overMs", { overMs: Number.NaN }],
    ["overMs", { overMs: 2 ** 31 }],
    ["timeoutMs", { overMs: 100, timeoutMs: 99 }],
    ["returnAfterMs", { returnAfterMs: -1 }],
  ] as const) {
    assert.throws(() => drainSettings(options), { name: "RangeError", message: new RegExp(`"${name}"`) });
    assert.throws(() => drainSettings({ [name]: "1000" }), { name: "RangeError" });
  }
  assert.throws(() => drainSettings({ over: 1 } as object), { name: "TypeError", message: /"over"/ });
  assert.deepEqual(drainSettings({}), { overMs: 10_000, timeoutMs: 20_000, returnAfterMs: 0 });
  assert.equal(drainSettings({ overMs: 2 ** 31 - 1 }).timeoutMs, 2 ** 31 - 1);
});

describe("a session", () => {
  test("that asked is told to leave, and ends when it does", () => {
    const { sessions, open, opened, clock } = sessionsFor();
    const request = { url: `${WEBSOCKET_PATH}&drain=1`, headers: {}, address: "" };
    const [obedient, stock] = [new MemoryTransport(), new MemoryTransport()];
    open(obedient, { request: { ...request, secure: false, issuedAtMs: 0 } });
    open(stock);
    let isDone = false;
    void sessions.drain(drainSettings({ overMs: 0, returnAfterMs: 250.5 })).then(() => (isDone = true));
    clock.advance(0);
    assert.equal(obedient.sent.at(-1), "1251");
    assert.equal(obedient.ending, undefined);
    assert.equal(stock.sent.length, 1);
    assert.equal(stock.ending, "going away");
    obedient.receive("4last words");
    obedient.receive("1");
    assert.deepEqual(opened[0]!.received, ["last words"]);
    assert.deepEqual(
      opened.map(({ told }) => told),
      [
        [["close", "server shutting down", true, "the client left, as it was asked to"]],
        [["close", "server shutting down", true, "closed by the server"]],
      ],
    );
    assert.equal(isDone, false);
    clock.advance(50);
    assert.equal(sessions.size, 0);
  });

  test("of a link is asked again with each request that renews its line", () => {
    const { sessions, open, clock } = sessionsFor();
    const transport = new PollingTransport(requestOptions(clock, { link: true }));
    const request = { url: `${POLLING_PATH}&link=1&drain=1`, headers: {}, address: "" };
    const session = open(transport, { link: true, request: { ...request, secure: false, issuedAtMs: 0 } });
    void sessions.drain(drainSettings({ overMs: 0 }));
    clock.advance(0);
    for (let round = 0; round < 2; round++) {
      const exchange = FakeExchange.get({ sid: session.id, ack: "0", move: "0" });
      session.receiveExchange(exchange, "polling");
      transport.sendNow();
      assert.equal(exchange.text, "10");
    }
    session.destroy();
    clock.advance(50);
  });

  test("that leaves before it was asked has left", () => {
    const { sessions, open, opened, clock } = sessionsFor();
    const transport = new MemoryTransport();
    open(transport);
    void sessions.drain(drainSettings({ overMs: 10_000 }));
    transport.receive("1");
    assert.equal(opened[0]!.told[0]![1], "transport close");
    clock.advance(50);
  });
});

describe("a server that drains", () => {
  const options = (clock: FakeClock): ServerOptions => ({ clock, shutdownTimeout: 50 });

  test("says so, refuses new sessions with when to come again, and serves those that there are", async (t) => {
    const clock = new FakeClock();
    const { engine, port } = await startEngine(t, options(clock));
    const errors: unknown[] = [];
    let told = 0;
    engine.on("connection_error", ({ context }) => void errors.push(context["name"]));
    engine.on("draining", () => (told += 1));
    engine.on("connection", (socket) => void socket.on("message", (data) => socket.send(data)));
    const client = await EngineClient.open(t, port, WEBSOCKET_PATH);
    assert.equal(engine.draining, false);
    const drained = engine.drain({ overMs: 1000, returnAfterMs: 2000 });
    assert.equal(engine.draining, true);
    assert.equal(told, 1);
    const seen = new Set<number>();
    for (let attempt = 0; attempt < 30; attempt++) {
      const { status, headers, text } = await send(port, POLLING_PATH);
      assert.equal(status, 503);
      assert.equal(headers.connection, "close");
      assert.deepEqual(JSON.parse(text), { code: 3, message: "The server is shutting down." });
      const seconds = Number(headers["retry-after"]);
      assert.ok(seconds >= 2 && seconds <= 7, String(seconds));
      seen.add(seconds);
    }
    assert.ok(seen.size > 1);
    const raw = await connectRaw(t, port);
    await raw.writeHandshake(WEBSOCKET_PATH);
    const head = await raw.head();
    assert.equal(head.status, 503);
    assert.match(head.headers["retry-after"]!, /^[2-7]$/);
    assert.deepEqual(new Set(errors), new Set(["SERVER_DRAINING"]));
    await client.send("4still there?");
    assert.equal(await client.next(), "4still there?");
    const again = engine.drain();
    clock.advance(1000);
    assert.equal(await client.nextClose(), 1001);
    await Promise.all([drained, again]);
    assert.equal(engine.clientsCount, 0);
    assert.equal(engine.draining, true);
    assert.equal(told, 1);
  });

  test("tells who polls, too", async (t) => {
    const clock = new FakeClock();
    const { engine, port } = await startEngine(t, options(clock));
    const reasons: string[] = [];
    engine.on("connection", (socket) => void socket.on("close", (reason) => void reasons.push(reason)));
    const { path } = await openPolling(port);
    const poll = send(port, path);
    await send(port, path, { method: "POST", body: "4hello" });
    const drained = engine.drain({ overMs: 0 });
    clock.advance(0);
    assert.equal((await poll).text, "1");
    await drained;
    assert.deepEqual(reasons, ["server shutting down"]);
  });

  test("lets pages of other origins see when to come again", async (t) => {
    for (const [cors, exposed] of [
      [{ origin: "*" }, "Retry-After"],
      [{ origin: "*", exposedHeaders: ["X-One"] }, "X-One,Retry-After"],
      [false, undefined],
    ] as const) {
      const { engine, port } = await startEngine(t, { ...options(new FakeClock()), cors });
      void engine.drain();
      const { status, headers } = await send(port, POLLING_PATH, { headers: { Origin: "http://a.example" } });
      assert.equal(status, 503);
      assert.equal(headers["access-control-expose-headers"], exposed);
    }
  });

  test("is closed at once by close()", async (t) => {
    const clock = new FakeClock();
    const { engine, port } = await startEngine(t, options(clock));
    await EngineClient.open(t, port, WEBSOCKET_PATH);
    const drained = engine.drain({ overMs: 60_000 });
    const closed = engine.close();
    clock.advance(50);
    await Promise.all([drained, closed]);
    assert.equal(engine.clientsCount, 0);
    assert.equal(clock.pending, 0);
    await engine.drain();
  });

  test("refuses an option that can't be, and goes on", async () => {
    const engine = new Server();
    await assert.rejects(engine.drain({ overMs: -1 }), { name: "RangeError" });
    assert.equal(engine.draining, false);
    await engine.close();
    assert.equal(engine.draining, true);
  });
});
