import assert from "node:assert/strict";
import { test } from "node:test";
import { EngineServer, type EngineOptions } from "../../src/engine/index.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { MemoryTransport } from "../support/memory-transport.ts";
import { SeededRandom } from "../support/seeded-random.ts";

const REQUEST = { url: "/", headers: {}, address: "", secure: false, issuedAtMs: 0 };

function makeEngine(count: number) {
  const clock = new FakeClock();
  const options: EngineOptions = {
    pingIntervalMs: 300,
    pingTimeoutMs: 200,
    maxMessageBytes: 1000,
    maxBufferedBytes: 0,
    shutdownTimeoutMs: 1000,
    clock,
    random: new SeededRandom(1),
  };
  const ids: string[] = [];
  const reasons: string[] = [];
  const engine = new EngineServer(options, (session) => {
    ids.push(session.id);
    session.handle({ receiveText() {}, receiveBinary() {}, onClose: (reason) => reasons.push(reason) });
  });
  const transports = Array.from({ length: count }, () => new MemoryTransport());
  for (const transport of transports) engine.openSession(transport, REQUEST);
  return { clock, engine, ids, reasons, transports };
}

test("every session has an id of its own", () => {
  const { engine, ids } = makeEngine(100);
  assert.equal(new Set(ids).size, 100);
  assert.equal(engine.sessionCount, 100);
  for (const id of ids) assert.match(id, /^[A-Za-z0-9_-]{20}$/);
});

test("a session that ends is forgotten", () => {
  const { engine, ids, transports } = makeEngine(2);
  transports[0]!.end(true);
  assert.deepEqual(
    ids.map((id) => engine.hasSession(id)),
    [false, true],
  );
  assert.equal(engine.sessionCount, 1);
});

test("closing says that the server goes away and waits for every transport", async () => {
  const { clock, engine, reasons, transports } = makeEngine(2);
  let closed = false;
  const closing = engine.close().then(() => (closed = true));
  assert.deepEqual(reasons, ["server shutting down", "server shutting down"]);
  assert.deepEqual(
    transports.map(({ ending }) => ending),
    ["going away", "going away"],
  );
  transports[0]!.end(true);
  await Promise.resolve();
  assert.equal(closed, false);
  transports[1]!.end(true);
  await closing;
  assert.equal(clock.pending, 0);
  await engine.close();
});

test("those that don't leave in time are cut off", async () => {
  const { clock, engine, transports } = makeEngine(3);
  const closing = engine.close();
  transports[0]!.end(true);
  clock.advance(999);
  assert.deepEqual(
    transports.map(({ ending }) => ending),
    ["going away", "going away", "going away"],
  );
  clock.advance(1);
  assert.deepEqual(
    transports.map(({ ending }) => ending),
    ["going away", "destroyed", "destroyed"],
  );
  transports[1]!.end(false);
  transports[2]!.end(false);
  await closing;
  assert.equal(clock.pending, 0);
});

test("sessions that had ended, but whose transport is still there, are waited for too", async () => {
  const { clock, engine, transports } = makeEngine(1);
  transports[0]!.receive("1");
  assert.equal(engine.sessionCount, 0);
  const closing = engine.close();
  clock.advance(1000);
  assert.equal(transports[0]!.ending, "destroyed");
  transports[0]!.end(false);
  await closing;
});

test("without sessions closing is done at once", async () => {
  const { clock, engine } = makeEngine(0);
  await engine.close();
  assert.equal(clock.pending, 0);
});
