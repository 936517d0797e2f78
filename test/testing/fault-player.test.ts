import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { FaultPlayer } from "../../src/testing/fault-player.ts";
import type { FaultSchedule } from "../../src/testing/faults.ts";
import { until } from "../support/until.ts";
import { settle, startEnds } from "./tcp-ends.ts";

test("faults begin and end at their times", async (t) => {
  const clock = new FakeClock();
  const { proxy, line, connect } = await startEnds(t);
  const told: string[] = [];
  const schedule: FaultSchedule = [
    { atMs: 300, target: "server", kind: "restart", signal: "SIGKILL", forMs: 50 },
    { atMs: 100, target: 0, kind: "cut", how: "end", forMs: 100 },
    { atMs: 100, target: 7, kind: "refuse", forMs: 1000 },
    { atMs: 400, target: 0, kind: "half-close", direction: "up", forMs: 0 },
    { atMs: 500, target: 0, kind: "black-hole", direction: "up", forMs: 100 },
  ];
  const player = new FaultPlayer(
    schedule,
    {
      proxy: (target) => (target === 0 ? proxy : undefined),
      restart: ({ signal, forMs }) => told.push(`${signal} ${forMs}`),
      onFault: ({ kind, atMs }, isOver) => told.push(`${kind} ${atMs}${isOver ? " over" : ""}`),
    },
    clock,
  );
  player.start();
  const { client, server } = await line();
  clock.advance(99);
  client.write("a");
  await server.receives("a");
  clock.advance(1);
  await until(() => client.isEnded && server.isEnded);
  assert.equal(proxy.isRefusing, true);
  const refused = await connect();
  await until(() => refused.isClosed);
  clock.advance(100);
  assert.equal(proxy.isRefusing, false);
  const next = await line();
  clock.advance(200);
  await until(() => next.server.isEnded);
  const third = await line();
  clock.advance(100);
  third.client.write("b");
  third.server.write("c");
  await third.client.receives("c");
  await settle();
  assert.equal(third.server.text, "");
  clock.advance(100);
  await third.server.receives("b");
  assert.deepEqual(told, [
    "cut 100",
    "refuse 100",
    "cut 100 over",
    "restart 300",
    "SIGKILL 50",
    "half-close 400",
    "half-close 400 over",
    "black-hole 500",
    "black-hole 500 over",
  ]);
  assert.equal(clock.pending, 0);
});

test("of faults that overlap the worse counts, until each is over", async (t) => {
  const clock = new FakeClock();
  const { proxy, line } = await startEnds(t, { clock });
  const { client, server } = await line();
  const player = new FaultPlayer(
    [
      { atMs: 0, target: 0, kind: "black-hole", direction: "up", forMs: 100 },
      { atMs: 10, target: 0, kind: "black-hole", direction: "down", forMs: 50 },
      { atMs: 10, target: 0, kind: "delay", delayMs: 5, jitterMs: 0, forMs: 100 },
      { atMs: 10, target: 0, kind: "delay", delayMs: 20, jitterMs: 0, forMs: 90 },
      { atMs: 10, target: 0, kind: "throttle", bytesPerSecond: 1000, forMs: 90 },
      { atMs: 10, target: 0, kind: "throttle", bytesPerSecond: 10, forMs: 90 },
    ],
    { proxy: () => proxy },
    clock,
  );
  player.start();
  clock.advance(10);
  client.write("up");
  server.write("down");
  await settle();
  assert.deepEqual([client.text, server.text], ["", ""]);
  clock.advance(50);
  await until(() => proxy.lines[0]!.heldBytes === 4);
  clock.advance(19);
  await settle();
  assert.equal(client.text, "");
  clock.advance(1);
  await until(() => client.text === "d");
  clock.advance(1000);
  await server.receives("up");
  await client.receives("down");
  assert.equal(clock.pending, 0);
});

test("stop ends everything, and every network is good again", async (t) => {
  const clock = new FakeClock();
  const { proxy, line } = await startEnds(t);
  const { client, server } = await line();
  const player = new FaultPlayer(
    [
      { atMs: 0, target: 0, kind: "black-hole", direction: "both", forMs: 100 },
      { atMs: 0, target: 0, kind: "refuse", forMs: 100 },
      { atMs: 50, target: 0, kind: "cut", how: "reset", forMs: 100 },
    ],
    { proxy: () => proxy },
    clock,
  );
  player.stop();
  player.start();
  assert.equal(clock.pending, 0);
  const again = new FaultPlayer(
    [{ atMs: 0, target: 0, kind: "black-hole", direction: "both", forMs: 100 }],
    { proxy: () => proxy },
    clock,
  );
  again.start();
  client.write("a");
  await settle();
  assert.equal(server.text, "");
  again.stop();
  assert.equal(clock.pending, 0);
  await server.receives("a");
  assert.equal(proxy.isRefusing, false);
});
