import { test } from "node:test";
import { type ClientKind, realRoomWorld } from "../support/real-room-world.ts";
import { RoomSchedule } from "../support/room-schedule.ts";
import { SeededRandom } from "../../src/testing/seeded-random.ts";

const STEPS = 80;
const SCHEDULES = 24;
const KINDS: readonly ClientKind[] = [
  ["ours", "websocket"],
  ["stock", "websocket"],
  ["ours", "polling"],
  ["stock", "polling", "websocket"],
  ["stock", "polling"],
  ["ours", "polling", "websocket"],
];

/** The same schedules as in `namespace.schedules.test.ts`, with less in their hands: time passes as it likes, and nobody is slow. */
for (let seed = 1; seed <= SCHEDULES; seed += 1) {
  test(`rooms, broadcasts, acknowledgements at random, over real sockets: schedule ${seed}`, async (t) => {
    const world = await realRoomWorld(t, KINDS);
    const schedule = new RoomSchedule(world, new SeededRandom(seed));
    try {
      await schedule.play(STEPS);
    } catch (error) {
      const { message } = error as Error;
      throw new Error(`Schedule ${seed} fails: ${message}\nWhat was done:\n${schedule.trail}`, {
        cause: error,
      });
    }
  });
}
