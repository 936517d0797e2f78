import assert from "node:assert/strict";
import { test } from "node:test";
import { type FaultProfile, makeSchedule } from "../../src/testing/fault-schedule.ts";

const ALL: FaultProfile = {
  durationMs: 60_000,
  tracks: [
    {
      targets: 20,
      everyMs: [1000, 5000],
      choices: [
        { kind: "cut", forMs: [100, 2000], weight: 3 },
        { kind: "black-hole", forMs: [100, 9000] },
        { kind: "delay", delayMs: [10, 100], jitterMs: [0, 50], forMs: 500 },
        { kind: "throttle", bytesPerSecond: [100, 1000], forMs: 500 },
        { kind: "half-close", forMs: 0 },
        { kind: "refuse", forMs: 500 },
      ],
    },
    { targets: "server", everyMs: 20_000, choices: [{ kind: "restart", forMs: 1000 }] },
  ],
};

test("a seed gives the same faults each time, another one others", () => {
  assert.deepEqual(makeSchedule(7, ALL), makeSchedule(7, ALL));
  assert.notDeepEqual(makeSchedule(7, ALL), makeSchedule(8, ALL));
});

test("faults come by time, and those of a target one after the other, all within the run", () => {
  const schedule = makeSchedule(1, ALL);
  assert.deepEqual(
    schedule,
    schedule.toSorted((one, other) => one.atMs - other.atMs),
  );
  const ends = new Map<unknown, number>();
  for (const { atMs, target, forMs } of schedule) {
    assert.ok(Number.isInteger(atMs) && atMs >= (ends.get(target) ?? 0));
    assert.ok(atMs + forMs <= 60_000);
    ends.set(target, atMs + forMs);
  }
  assert.equal(ends.size, 21);
  assert.ok(schedule.filter(({ target }) => target === "server").length >= 2);
  const kinds = new Map<string, number>();
  for (const { kind } of schedule) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  assert.deepEqual([...kinds.keys()].toSorted(), [
    "black-hole",
    "cut",
    "delay",
    "half-close",
    "refuse",
    "restart",
    "throttle",
  ]);
  assert.ok(kinds.get("cut")! > 1.5 * kinds.get("delay")!, "by weight");
});

test("one more client changes nothing for the others", () => {
  const of = (targets: number): FaultProfile => ({
    durationMs: 60_000,
    tracks: [{ targets, everyMs: [1000, 5000], choices: [{ kind: "cut", forMs: [1, 1000] }] }],
  });
  const [few, more] = [makeSchedule(7, of(3)), makeSchedule(7, of(4))];
  assert.deepEqual(
    more.filter(({ target }) => target !== 3),
    few,
  );
  assert.ok(more.length > few.length);
  const firsts = [0, 1, 2].map((client) => few.find(({ target }) => target === client)!.atMs);
  assert.equal(new Set(firsts).size, 3, "they don't come all at once");
});

test("a profile that makes no sense is refused", () => {
  const make = (track: FaultProfile["tracks"][number]): unknown =>
    makeSchedule(1, { durationMs: 1000, tracks: [track] });
  assert.throws(() => make({ targets: 1, everyMs: 0, choices: [{ kind: "refuse", forMs: 1 }] }), RangeError);
  assert.throws(() => make({ targets: 1, everyMs: 10, choices: [] }), RangeError);
  assert.throws(
    () => make({ targets: 1, everyMs: 10, choices: [{ kind: "restart", forMs: 1 }] }),
    RangeError,
  );
  assert.throws(
    () => make({ targets: "server", everyMs: 10, choices: [{ kind: "cut", forMs: 1 }] }),
    RangeError,
  );
});
