import assert from "node:assert/strict";
import { test } from "node:test";
import { Heartbeat } from "../../src/engine/heartbeat.ts";
import { sessionsFor } from "../support/sessions.ts";

/** A heartbeat of 300 and 200 ms, and what it told its host, at which time. */
function makeHeartbeat() {
  const { sessions, clock } = sessionsFor();
  const told: [number, string][] = [];
  const heartbeat = new Heartbeat(sessions.options, {
    onPingDue: () => void told.push([clock.now(), "ping"]),
    onSilence: (wasLost) => void told.push([clock.now(), wasLost ? "lost" : "silent"]),
  });
  return { clock, heartbeat, told };
}

test("a ping is due after the interval, and a pong after the time-out", () => {
  const { clock, heartbeat, told } = makeHeartbeat();
  heartbeat.restart();
  clock.advance(10_000);
  assert.deepEqual(told, [
    [300, "ping"],
    [500, "silent"],
  ]);
  assert.equal(clock.pending, 0);
});

test("a sign of life counts as a pong, and does not put off the next ping", () => {
  const { clock, heartbeat, told } = makeHeartbeat();
  heartbeat.restart();
  clock.advance(299);
  heartbeat.touch();
  clock.advance(100);
  heartbeat.touch();
  clock.advance(300);
  assert.deepEqual(told, [
    [300, "ping"],
    [699, "ping"],
  ]);
});

test("who is lost has as long as for a pong", () => {
  const { clock, heartbeat, told } = makeHeartbeat();
  heartbeat.restart();
  clock.advance(300);
  heartbeat.lose();
  assert.ok(heartbeat.isLost);
  clock.advance(199);
  heartbeat.touch();
  assert.ok(!heartbeat.isLost);
  clock.advance(299);
  heartbeat.lose();
  clock.advance(200);
  assert.deepEqual(told, [
    [300, "ping"],
    [998, "lost"],
  ]);
});

test("one timer runs, and none after the end", () => {
  const { clock, heartbeat, told } = makeHeartbeat();
  for (const step of ["restart", "lose", "touch", "restart"] as const) {
    heartbeat[step]();
    assert.equal(clock.pending, 1, step);
  }
  heartbeat.stop();
  assert.equal(clock.pending, 0);
  clock.advance(1000);
  assert.deepEqual(told, []);
});
