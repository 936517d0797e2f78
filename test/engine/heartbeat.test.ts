import assert from "node:assert/strict";
import { test } from "node:test";
import { Heartbeat } from "../../src/engine/heartbeat.ts";
import { sessionsFor } from "../support/sessions.ts";

/** A heartbeat of 300 and 200 ms, and what it told its host, at which time. */
function makeHeartbeat() {
  const { sessions, clock } = sessionsFor();
  const told: [number, string][] = [];
  const host = {
    isReading: true,
    onPingDue: () => void told.push([clock.now(), "ping"]),
    onSilence: (wasLost: boolean) => void told.push([clock.now(), wasLost ? "lost" : "silent"]),
  };
  const heartbeat = new Heartbeat(sessions.options, host);
  const pause = (): void => {
    host.isReading = false;
    heartbeat.pause();
  };
  const resume = (): void => {
    host.isReading = true;
    heartbeat.resume();
  };
  return { clock, heartbeat, told, pause, resume };
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

test("while nothing is read pings go on, and nobody waits for pongs; then there is the whole time for one", () => {
  const { clock, heartbeat, told, pause, resume } = makeHeartbeat();
  heartbeat.restart();
  clock.advance(100);
  pause();
  clock.advance(950);
  assert.ok(heartbeat.isPinged);
  resume();
  clock.advance(199);
  assert.deepEqual(
    told,
    [300, 600, 900].map((at) => [at, "ping"]),
  );
  clock.advance(1);
  assert.deepEqual(told.at(-1), [1250, "silent"]);
  assert.equal(clock.pending, 0);
});

test("a pause in which no ping was due changes nothing; one that comes behind a ping does not count", () => {
  const { clock, heartbeat, told, pause, resume } = makeHeartbeat();
  heartbeat.restart();
  clock.advance(100);
  pause();
  clock.advance(100);
  resume();
  clock.advance(150);
  assert.deepEqual(told, [[300, "ping"]]);
  pause();
  clock.advance(250);
  resume();
  clock.advance(199);
  heartbeat.restart();
  clock.advance(300);
  assert.deepEqual(told, [
    [300, "ping"],
    [1099, "ping"],
  ]);
  heartbeat.stop();
  assert.equal(clock.pending, 0);
});

test("who is lost while nothing is read has as long as any other", () => {
  const { clock, heartbeat, told, pause } = makeHeartbeat();
  heartbeat.restart();
  pause();
  clock.advance(350);
  heartbeat.lose();
  clock.advance(200);
  assert.deepEqual(told, [
    [300, "ping"],
    [550, "lost"],
  ]);
  assert.equal(clock.pending, 0);
});
