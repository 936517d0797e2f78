import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { TokenBucket, tokenRate } from "../../../src/sockets/rate-limits/token-bucket.ts";
import { SeededRandom } from "../../../src/testing/seeded-random.ts";

/** Takes a token if there is one: 0, else how long to wait. */
function ask(bucket: TokenBucket, nowMs: number): number {
  const waitMs = bucket.waitMs(nowMs);
  if (waitMs === 0) bucket.take(nowMs);
  return waitMs;
}

describe("a bucket of 3 tokens, 2 a second", () => {
  const make = (): TokenBucket => new TokenBucket(tokenRate(2, 3));

  test("gives three at once, then one every half second", () => {
    const bucket = make();
    assert.deepEqual(
      [0, 0, 0, 0, 499, 500, 500, 1000].map((now) => ask(bucket, now)),
      [0, 0, 0, 500, 1, 0, 500, 0],
    );
  });

  test("holds no more than three, however long it was left alone", () => {
    const bucket = make();
    const late = 1e12;
    assert.deepEqual(
      [0, 0, 0, late, late, late, late].map((now) => ask(bucket, now)),
      [0, 0, 0, 0, 0, 0, 500],
    );
  });

  test("is full again when all have come back", () => {
    const bucket = make();
    assert.equal(bucket.untilFullMs(7), 0);
    bucket.take(7);
    bucket.take(7);
    assert.deepEqual(
      [7, 1006, 1007, 1008].map((now) => bucket.untilFullMs(now)),
      [1000, 1, 0, 0],
    );
  });

  test("gives nothing for time that goes back, or back and forth", () => {
    const bucket = make();
    for (let count = 0; count < 3; count += 1) assert.equal(ask(bucket, 10_000), 0);
    for (let count = 0; count < 100; count += 1) {
      assert.equal(ask(bucket, 0), 10_500);
      assert.equal(ask(bucket, 10_000), 500);
    }
    assert.equal(ask(bucket, 10_500), 0);
  });
});

test("a rate may be a fraction, and a burst too: what is not whole is no token yet", () => {
  const slow = new TokenBucket(tokenRate(0.1, 1));
  assert.deepEqual(
    [0, 1, 9999, 10_000].map((now) => ask(slow, now)),
    [0, 9999, 1, 0],
  );
  const odd = new TokenBucket(tokenRate(1, 1.5));
  assert.deepEqual(
    [0, 0, 500, 500].map((now) => ask(odd, now)),
    [0, 500, 0, 1000],
  );
});

/** How the books have it: tokens are counted, in millionths, and time is, in whole milliseconds. Nothing is rounded. */
class SlowBucket {
  readonly #perSecond: number;
  readonly #burst: bigint;
  #millionths: bigint;
  #atMs = 0;

  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond;
    this.#burst = BigInt(burst) * 1_000_000n;
    this.#millionths = this.#burst;
  }

  /** Takes a token if there is one. */
  ask(nowMs: number): boolean {
    const passed = Math.max(0, nowMs - this.#atMs);
    this.#atMs = Math.max(this.#atMs, nowMs);
    this.#millionths += BigInt(passed) * BigInt(this.#perSecond) * 1000n;
    if (this.#millionths > this.#burst) this.#millionths = this.#burst;
    if (this.#millionths < 1_000_000n) return false;
    this.#millionths -= 1_000_000n;
    return true;
  }
}

test("it says what a slow one says that counts, at any rate; who waits as long as it says, gets one", () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const random = new SeededRandom(seed);
    const perSecond = random.pick([1, 2, 3, 7, 10, 30, 60, 99, 144, 333, 1000, random.integer(1, 900)]);
    const burst = random.pick([1, 2, 3, 10, random.integer(1, 500)]);
    const bucket = new TokenBucket(tokenRate(perSecond, burst));
    const slow = new SlowBucket(perSecond, burst);
    let now = random.integer(0, 1_000_000_000);
    for (let step = 0; step < 500; step += 1) {
      const waitMs = bucket.waitMs(now);
      const what = `seed ${seed}, step ${step}: ${perSecond}/s, burst ${burst}`;
      assert.equal(ask(bucket, now), waitMs, what);
      assert.equal(waitMs === 0, slow.ask(now), what);
      if (waitMs > 0 && random.integer(0, 3) === 0) {
        if (waitMs > 1) assert.equal(slow.ask(now + waitMs - 1), false, what);
        now += waitMs;
        assert.equal(ask(bucket, now), 0, what);
        assert.ok(slow.ask(now), what);
      }
      now += random.pick([0, 0, 0, 1, random.integer(0, 100), random.integer(0, 5000)]);
    }
  }
});

test("whatever the times are, no stretch of time has more than the burst and its rate", () => {
  for (let seed = 1; seed <= 50; seed += 1) {
    const random = new SeededRandom(seed);
    const perSecond = random.fraction() * 100 + 0.01;
    const burst = 1 + random.fraction() * 10;
    const bucket = new TokenBucket(tokenRate(perSecond, burst));
    const taken: number[] = [];
    let now = random.fraction() * 1e9;
    let latest = now;
    for (let step = 0; step < 300; step += 1) {
      if (ask(bucket, now) === 0) taken.push(latest);
      now += (random.fraction() - 0.2) * 100;
      latest = Math.max(latest, now);
    }
    for (const [first, from] of taken.entries()) {
      for (let last = first; last < taken.length; last += 1) {
        const allowed = burst + ((taken[last]! - from) * perSecond) / 1000;
        assert.ok(last - first + 1 <= allowed + 0.001, `seed ${seed}`);
      }
    }
  }
});
