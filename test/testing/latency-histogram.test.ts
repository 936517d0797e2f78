import assert from "node:assert/strict";
import { test } from "node:test";
import { LatencyHistogram } from "../../src/testing/latency-histogram.ts";

test("percentiles are right to a bucket, however long things take", () => {
  const histogram = new LatencyHistogram();
  assert.deepEqual([histogram.count, histogram.percentile(0.5), histogram.maxMs], [0, 0, 0]);
  for (let ms = 1; ms <= 1000; ms += 1) histogram.add(ms);
  for (const part of [0.01, 0.5, 0.9, 0.99, 1]) {
    const found = histogram.percentile(part);
    assert.ok(found >= part * 1000 && found <= part * 1000 * 1.1, `${part}: ${found}`);
  }
  assert.equal(histogram.percentile(1), 1000);
  assert.equal(histogram.maxMs, 1000);
  histogram.add(1e12);
  histogram.add(0);
  assert.deepEqual([histogram.count, histogram.maxMs], [1002, 1e12]);
});

test("what several have counted comes together", () => {
  const [one, other, both] = [new LatencyHistogram(), new LatencyHistogram(), new LatencyHistogram()];
  for (let ms = 0; ms < 100; ms += 1) {
    (ms % 2 === 0 ? one : other).add(ms * ms);
    both.add(ms * ms);
  }
  one.merge(JSON.parse(JSON.stringify(other.counts)));
  assert.deepEqual(one.counts, both.counts);
  assert.equal(one.count, 100);
  assert.equal(one.percentile(0.5), both.percentile(0.5));
});
