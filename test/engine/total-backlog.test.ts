import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { EngineSocket } from "../../src/engine/index.ts";
import { defaultTotalBytes, TotalBacklog } from "../../src/engine/total-backlog.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { EngineClient } from "../support/engine-client.ts";
import { openPolling, startEngine, WEBSOCKET_PATH } from "../support/engine-server.ts";
import { MemoryTransport } from "../support/memory-transport.ts";
import { openLink } from "../support/open-link.ts";
import { noise } from "../support/payloads.ts";
import { sessionsFor } from "../support/sessions.ts";
import { until } from "../support/until.ts";

const KIB = 1024;

/** A limit of 1,000 KiB, and sessions that hold what a test says. */
function makeBacklog(maxBytes = 1000 * KIB) {
  const clock = new FakeClock();
  const memory = { bytes: 1e12 };
  const backlog = new TotalBacklog(clock, maxBytes, () => memory.bytes);
  const cut: string[] = [];
  const make = (name: string, heldKib: number) => {
    const session = {
      heldBytes: heldKib * KIB,
      cutOff: (detail: string) => {
        assert.match(detail, /maxTotalBufferedBytes \(1024000\)/);
        cut.push(name);
        backlog.forget(session);
      },
    };
    backlog.note(session, 1);
    return session;
  };
  return { clock, memory, backlog, cut, make };
}

describe("beyond the limit", () => {
  test("those for whom most waits are cut off, until it is kept", () => {
    const { clock, cut, make } = makeBacklog();
    for (const [name, held] of Object.entries({ a: 300, b: 500, c: 100, d: 400 })) make(name, held);
    assert.deepEqual(cut, []);
    clock.advance(99);
    assert.deepEqual(cut, []);
    clock.advance(1);
    assert.deepEqual(cut, ["b"]);
    clock.advance(10_000);
    assert.deepEqual(cut, ["b"]);
  });

  test("it is exactly so", () => {
    const { clock, cut, make } = makeBacklog();
    make("a", 600);
    const last = make("b", 400);
    clock.advance(1000);
    assert.deepEqual(cut, []);
    last.heldBytes += 1;
    clock.advance(100);
    assert.deepEqual(cut, ["a"]);
  });

  test("more than the process has can't be held: what many are sent is counted for each", () => {
    const { clock, cut, make, memory } = makeBacklog();
    memory.bytes = 1000 * KIB;
    for (let name = 0; name < 100; name++) make(`${name}`, 200);
    clock.advance(1000);
    assert.deepEqual(cut, []);
    memory.bytes = 1300 * KIB;
    clock.advance(100);
    assert.equal(cut.length, 2);
    // It takes a while until it is given back.
    clock.advance(900);
    assert.equal(cut.length, 2);
    memory.bytes = 1000 * KIB;
    clock.advance(10_000);
    assert.equal(cut.length, 2);
  });

  test("when much is sent it is looked at once, behind whoever sends", async () => {
    const { clock, cut, make, backlog } = makeBacklog();
    const session = make("a", 2000);
    backlog.note(session, 62 * KIB);
    assert.deepEqual(cut, []);
    await Promise.resolve();
    assert.deepEqual(cut, []);
    backlog.note(session, KIB);
    assert.deepEqual(cut, []);
    await Promise.resolve();
    assert.deepEqual(cut, ["a"]);
    assert.equal(clock.pending, 0);
  });
});

test("no timer runs when nobody is behind", () => {
  const { clock, backlog, make } = makeBacklog();
  const slow = make("slow", 500);
  make("quick", 64);
  const gone = make("gone", 500);
  clock.advance(100);
  assert.equal(clock.pending, 1);
  backlog.forget(gone);
  slow.heldBytes = 0;
  clock.advance(100);
  assert.equal(clock.pending, 0);
});

test("with 0 there is no limit", () => {
  const { clock, make } = makeBacklog(0);
  make("a", 1e9);
  assert.equal(clock.pending, 0);
});

test("the default is 1 GiB, or a quarter of what the process may use", () => {
  const GIB = 1024 ** 3;
  for (const [constrained, expected] of [
    [0, GIB],
    [2 ** 64, GIB],
    [8 * GIB, GIB],
    [GIB, GIB / 4],
  ] as const) {
    assert.equal(defaultTotalBytes(constrained), expected);
  }
});

describe("a session", () => {
  test("is counted from 64 KiB on, and cut off with its transport", () => {
    const { clock, opened, open } = sessionsFor({ maxTotalBufferedBytes: 100_000, pingIntervalMs: 1e6 });
    const transport = new MemoryTransport();
    open(transport);
    const { session, told } = opened[0]!;
    session.send("x".repeat(65_535));
    transport.bufferedBytes = 150_000;
    clock.advance(1000);
    assert.deepEqual(told, []);
    session.sendBinary(Uint8Array.of(1));
    clock.advance(100);
    assert.deepEqual(told, [
      [
        "close",
        "transport error",
        false,
        "more than maxTotalBufferedBytes (100000) waited for all clients, and most of it for those like this one",
      ],
    ]);
    assert.equal(transport.ending, "destroyed");
    assert.equal(clock.pending, 0);
  });

  test("that is a link counts with what is not acknowledged, also when it is lost", async () => {
    const { clock, session, get, told, sessions } = await openLink({
      maxTotalBufferedBytes: 100_000,
      pingTimeoutMs: 1e6,
    });
    const held = get({ ack: 0 });
    held.abort();
    session.send("x".repeat(120_000));
    clock.advance(100);
    assert.equal(told[0]![1], "transport error");
    assert.equal(sessions.get("abc"), undefined);
    assert.equal(clock.pending, 0);
  });
});

test("of real readers that have stopped, so many are cut off as is too much; others lose nothing", async (t) => {
  const max = 24 * KIB * KIB;
  const { engine, port } = await startEngine(t, { maxTotalBufferedBytes: max });
  const sockets: EngineSocket[] = [];
  const ends: string[] = [];
  engine.on("connection", (socket) => {
    sockets.push(socket);
    socket.on("close", (reason) => ends.push(reason));
  });
  const clients: EngineClient[] = [];
  for (let index = 0; index < 6; index++) {
    const client = await EngineClient.open(t, port, WEBSOCKET_PATH);
    client.raw.stream.pause();
    clients.push(client);
  }
  const reader = await EngineClient.open(t, port, WEBSOCKET_PATH);
  await openPolling(port);
  const [polling] = sockets.splice(7);
  const waiting = (): number =>
    sockets.reduce((sum, { bufferedBytes }) => sum + bufferedBytes, polling!.bufferedBytes);
  const sent: Buffer[] = [];
  let most = 0;
  for (let round = 0; round < 50; round++) {
    for (const socket of sockets.slice(0, 6)) socket.send(noise(256 * KIB));
    if (round < 20) polling!.send(noise(256 * KIB));
    sent.push(noise(KIB));
    sockets[6]!.send(sent.at(-1)!);
    await new Promise((resolve) => setImmediate(resolve));
    most = Math.max(most, waiting());
  }
  await until(() => waiting() <= max);
  assert.ok(most < 1.5 * max, `${most} bytes waited`);
  assert.ok(ends.length >= 1 && ends.length < 7, `${ends.length} were cut off`);
  assert.ok(ends.every((reason) => reason === "transport error"));
  for (const bytes of sent) assert.deepEqual(await reader.nextBinary(), bytes);
});
