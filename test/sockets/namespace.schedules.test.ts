import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Adapter } from "../../src/sockets/adapter.ts";
import { LocalAdapter } from "../../src/sockets/local-adapter.ts";
import { BROKEN_ADAPTERS } from "../support/broken-adapters.ts";
import { FakeRoomWorld } from "../support/fake-room-world.ts";
import { RoomSchedule } from "../support/room-schedule.ts";
import { SeededRandom } from "../../src/testing/seeded-random.ts";

const CLIENTS = 5;
const STEPS = 100;
const SCHEDULES = 300;
/** So many must do to see that something is broken. */
const ENOUGH = 100;

async function runSchedule(seed: number, makeAdapter: () => Adapter): Promise<void> {
  const random = new SeededRandom(seed);
  const world = new FakeRoomWorld(CLIENTS, makeAdapter, random);
  const schedule = new RoomSchedule(world, random);
  try {
    await schedule.play(STEPS);
    assert.deepEqual(world.failures, [], "what failed");
    // Questions without a limit have ended with the last who was asked; of those with one no timer is left.
    assert.equal(world.clock.pending, 0, "timers that are left");
  } catch (error) {
    const { message } = error as Error;
    throw new Error(`Schedule ${seed} fails: ${message}\nWhat was done:\n${schedule.trail}`, {
      cause: error,
    });
  }
}

describe("rooms, broadcasts, acknowledgements, at random", () => {
  test(`${SCHEDULES} schedules end as a simple model says`, async () => {
    for (let seed = 1; seed <= SCHEDULES; seed += 1) await runSchedule(seed, () => new LocalAdapter());
  });

  for (const [what, Broken] of Object.entries(BROKEN_ADAPTERS)) {
    test(`an adapter is caught that ${what}`, async () => {
      const schedules = async (): Promise<void> => {
        for (let seed = 1; seed <= ENOUGH; seed += 1) await runSchedule(seed, () => new Broken());
      };
      await assert.rejects(
        schedules,
        (error) => error instanceof Error && error.cause instanceof assert.AssertionError,
      );
    });
  }
});
