import assert from "node:assert/strict";
import { test } from "node:test";
import { Backoff } from "../../src/client/backoff.ts";
import { SeededRandom } from "../../src/testing/seeded-random.ts";

const always = (fraction: number) => ({
  fraction: () => fraction,
  bytes: (length: number) => new Uint8Array(length),
});

test("the bound doubles up to the limit", () => {
  const backoff = new Backoff(1000, 5000, always(0.999_999));
  assert.deepEqual(
    Array.from({ length: 5 }, () => Math.ceil(backoff.next() / 1000)),
    [1, 2, 4, 5, 5],
  );
  assert.equal(backoff.attempts, 5);
  backoff.reset();
  assert.equal(backoff.attempts, 0);
  assert.ok(backoff.next() <= 1000);
});

test("the jitter is full: from nothing to the bound", () => {
  for (let attempt = 0; attempt < 5; attempt++) assert.equal(new Backoff(1000, 5000, always(0)).next(), 0);
  const random = new SeededRandom(3);
  const delays = Array.from({ length: 2000 }, () => new Backoff(1000, 5000, random).next());
  for (let tenth = 0; tenth < 10; tenth++) {
    const share = delays.filter((delay) => Math.floor(delay / 100) === tenth).length;
    assert.ok(share > 130 && share < 270, `${share} of 2,000 in tenth ${tenth}`);
  }
});

test("0 ≤ delay ≤ min(max, base·2ⁿ), whole, whatever the options and however many attempts", () => {
  const random = new SeededRandom(4);
  for (let round = 0; round < 200; round++) {
    const [base, max] = [random.integer(0, 5000), random.integer(0, 60_000)];
    const backoff = new Backoff(base, max, random);
    for (let attempt = 0; attempt < 1500; attempt += 1) {
      assert.equal(backoff.attempts, attempt);
      const delay = backoff.next();
      const bound = base === 0 ? 0 : Math.min(max, base * 2 ** attempt);
      assert.ok(Number.isInteger(delay) && delay >= 0 && delay <= bound, `${delay} of ${bound}`);
    }
  }
});

test("less jitter leaves less to chance, and makes no delay longer", () => {
  for (const [jitter, shortest] of [
    [0, 1000],
    [0.25, 750],
    [0.5, 500],
    [1, 0],
  ] as const) {
    for (const fraction of [0, 0.999_999]) {
      const backoff = new Backoff(1000, 5000, always(fraction));
      backoff.jitter = jitter;
      const delay = backoff.next();
      assert.ok(fraction === 0 ? delay === shortest : delay >= 999 && delay <= 1000);
    }
  }
});
