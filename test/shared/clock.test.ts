import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock, type Timer } from "../../src/shared/clock.ts";

test("the machine's clock does not go back", () => {
  let last = systemClock.now();
  for (let count = 0; count < 10_000; count += 1) {
    const now = systemClock.now();
    assert.ok(now >= last);
    last = now;
  }
});

test("a timer fires once; stopping it afterwards does nothing", async () => {
  const fired: number[] = [];
  const timers: Timer[] = [];
  // No order is asked for: on a busy machine Node itself may call the later one first.
  const all = [0, 1, 10].map(
    (delayMs) =>
      new Promise<void>((resolve) => {
        const fire = (): void => {
          fired.push(delayMs);
          resolve();
        };
        timers.push(systemClock.setTimeout(fire, delayMs));
      }),
  );
  await Promise.all(all);
  for (const timer of timers) timer.cancel();
  assert.deepEqual(
    fired.toSorted((a, b) => a - b),
    [0, 1, 10],
  );
});

test("a timer that was stopped, even twice, does not fire", async () => {
  let fired = false;
  const timer = systemClock.setTimeout(() => {
    fired = true;
  }, 1);
  timer.cancel();
  timer.cancel();
  // Timers of one duration fire in the order in which they were started.
  await new Promise<void>((resolve) => void systemClock.setTimeout(resolve, 1));
  assert.equal(fired, false);
});
