import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { PollingTransport } from "../../src/engine/transports/polling.ts";
import { FakeExchange } from "../support/fake-exchange.ts";
import { MemoryTransport } from "../support/memory-transport.ts";
import { requestOptions, sessionsFor } from "../support/sessions.ts";

function makeSessions(count: number) {
  const made = sessionsFor();
  const transports = Array.from({ length: count }, () => new MemoryTransport());
  const ids = transports.map((transport) => made.open(transport).id);
  return {
    ...made,
    ids,
    transports,
    reasons: () => made.opened.flatMap(({ told }) => told.map((one) => one[1])),
  };
}

describe("the open packet", () => {
  test("has exactly the five keys that stock clients know", () => {
    const { open } = sessionsFor();
    const transport = new MemoryTransport();
    open(transport, { id: "abc", upgrades: ["websocket"] });
    assert.deepEqual(transport.take(), [
      '0{"sid":"abc","upgrades":["websocket"],"pingInterval":300,"pingTimeout":200,"maxPayload":1000}',
    ]);
  });

  test("says in a link that it is one, last", () => {
    const { open } = sessionsFor();
    const transport = new MemoryTransport();
    assert.ok(open(transport, { id: "abc", link: true }).isLink);
    assert.deepEqual(transport.take(), [
      '0{"sid":"abc","upgrades":[],"pingInterval":300,"pingTimeout":200,"maxPayload":1000,"link":1}',
    ]);
  });

  test("comes before what the handler sends at once", () => {
    const { open } = sessionsFor({}, ({ session }) => session.send("welcome"));
    const transport = new MemoryTransport();
    open(transport);
    assert.deepEqual(
      transport.take().map((packet) => String(packet).charAt(0)),
      ["0", "4"],
    );
  });
});

test("sessions are found by id while they are open", () => {
  const { sessions, ids, transports } = makeSessions(3);
  assert.equal(sessions.size, 3);
  assert.deepEqual(
    [...sessions.values()].map(({ id }) => id),
    ids,
  );
  transports[0]!.end(true);
  transports[1]!.receive("1");
  assert.deepEqual(
    ids.map((id) => sessions.get(id)?.id),
    [undefined, undefined, ids[2]],
  );
  assert.equal(sessions.size, 1);
  assert.deepEqual(
    [...sessions.values()].map(({ id }) => id),
    [ids[2]],
  );
});

test("one that polls is found until its client has been told the end", () => {
  const { sessions, open, clock } = sessionsFor();
  const transport = new PollingTransport(requestOptions(clock));
  const session = open(transport);
  session.close();
  assert.equal(sessions.size, 0);
  assert.deepEqual([...sessions.values()], []);
  assert.equal(sessions.get(session.id), session);
  const poll = (): string => {
    const exchange = FakeExchange.get();
    session.receiveExchange(exchange, "polling");
    return exchange.text;
  };
  assert.match(poll(), /^0\{[^}]*\}$/);
  assert.equal(sessions.get(session.id), session);
  assert.equal(poll(), "1");
  assert.equal(sessions.get(session.id), undefined);
  assert.equal(clock.pending, 0);
});

test("closing says that the server goes away and waits for every transport", async () => {
  const { clock, sessions, reasons, transports } = makeSessions(2);
  let closed = false;
  const closing = sessions.close().then(() => (closed = true));
  assert.deepEqual(reasons(), ["server shutting down", "server shutting down"]);
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
  await sessions.close();
});

test("those that don't leave in time are cut off", async () => {
  const { clock, sessions, transports } = makeSessions(3);
  const closing = sessions.close();
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

test("clients that poll have until then to fetch the end", async () => {
  const { clock, sessions, open } = sessionsFor({ closeGraceMs: 30_000 });
  const options = requestOptions(clock, { closeGraceMs: 30_000 });
  const held = new PollingTransport(options);
  open(held);
  const first = FakeExchange.get({});
  held.receiveExchange(first);
  open(new PollingTransport(options));
  const closing = sessions.close();
  assert.match(first.text, /^0\{[^}]*\}$/);
  const second = FakeExchange.get();
  held.receiveExchange(second);
  assert.equal(second.text, "1");
  clock.advance(1000);
  await closing;
  assert.equal(clock.pending, 0);
});

test("transports without an open session are waited for too: after a goodbye, or turned away", async () => {
  const { clock, sessions, open } = sessionsFor();
  const [first, second] = [new MemoryTransport(), new MemoryTransport()];
  const session = open(first);
  session.receiveWebSocket(second);
  assert.equal(second.ending, "normal");
  first.receive("1");
  assert.equal(sessions.size, 0);
  let closed = false;
  const closing = sessions.close().then(() => (closed = true));
  clock.advance(1000);
  assert.deepEqual([first.ending, second.ending], ["destroyed", "destroyed"]);
  first.end(false);
  await Promise.resolve();
  assert.equal(closed, false);
  second.end(false);
  await closing;
  assert.equal(clock.pending, 0);
});

test("without sessions closing is done at once", async () => {
  const { clock, sessions } = sessionsFor();
  await sessions.close();
  assert.equal(clock.pending, 0);
});
