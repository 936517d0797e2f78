import assert from "node:assert/strict";
import { test } from "node:test";
import { makeSchedule } from "../../src/testing/fault-schedule.ts";
import type { FaultSchedule } from "../../src/testing/faults.ts";
import { parseSchedule, printSchedule } from "../../src/testing/schedule-text.ts";

const SCHEDULE: FaultSchedule = [
  { atMs: 0, target: 3, kind: "cut", how: "reset", forMs: 2000 },
  { atMs: 5, target: 0, kind: "black-hole", direction: "both", forMs: 20 },
  { atMs: 5, target: 1, kind: "delay", delayMs: 1, jitterMs: 0, forMs: 20 },
  { atMs: 6, target: 1, kind: "throttle", bytesPerSecond: 100, forMs: 20 },
  { atMs: 7, target: 1, kind: "half-close", direction: "up", forMs: 0 },
  { atMs: 8, target: 1, kind: "refuse", forMs: 1 },
  { atMs: 9, target: "server", kind: "restart", signal: "SIGKILL", forMs: 500 },
];

test("a schedule is the same after it was printed and read", () => {
  assert.deepEqual(parseSchedule(printSchedule(SCHEDULE)), SCHEDULE);
  const made = makeSchedule(3, {
    durationMs: 10_000,
    tracks: [{ targets: 5, everyMs: [10, 500], choices: [{ kind: "black-hole", forMs: [1, 50] }] }],
  });
  assert.deepEqual(parseSchedule(printSchedule(made)), made);
  assert.equal(printSchedule(SCHEDULE).split("\n")[0], JSON.stringify(SCHEDULE[0]));
});

test("lines may be taken out or moved", () => {
  const lines = printSchedule(SCHEDULE).trimEnd().split("\n");
  const text = `\n${[...lines.slice(1), lines[0]].join("\r\n\n")}`;
  assert.deepEqual(parseSchedule(text), SCHEDULE);
  assert.deepEqual(parseSchedule(""), []);
});

test("what is no fault is refused by its line", () => {
  for (const line of [
    "nonsense",
    "7",
    "null",
    "{}",
    '{"atMs":1,"target":1,"kind":"flood","forMs":1}',
    '{"atMs":1,"target":1,"kind":"toString","forMs":1}',
    '{"atMs":-1,"target":1,"kind":"refuse","forMs":1}',
    '{"atMs":1,"target":"server","kind":"refuse","forMs":1}',
    '{"atMs":1,"target":1,"kind":"restart","signal":"SIGKILL","forMs":1}',
    '{"atMs":1,"target":1,"kind":"cut","how":"softly","forMs":1}',
    '{"atMs":1,"target":1,"kind":"delay","delayMs":"1","jitterMs":0,"forMs":1}',
    '{"atMs":1,"target":1,"kind":"refuse"}',
  ]) {
    assert.throws(() => parseSchedule(`\n${line}\n`), new SyntaxError(`Line 2 is no fault: ${line}`));
  }
});
