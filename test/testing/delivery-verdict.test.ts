import assert from "node:assert/strict";
import { test } from "node:test";
import { DeliveryChecker } from "../../src/testing/delivery-checker.ts";
import { countBreaches, mergeVerdicts, printVerdict } from "../../src/testing/delivery-verdict.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";

test("verdicts of several checkers come together, the breaches by time", () => {
  const clock = new FakeClock();
  const verdicts = [1, 2].map((index) => {
    const checker = new DeliveryChecker({ clock });
    const stream = checker.stream("s", { sent: () => 5 });
    const reader = checker.reader(`r${index}`);
    reader.join(stream, 1);
    reader.back();
    clock.advance(10);
    reader.receive(stream, 1);
    reader.receive(stream, 1);
    for (const number of [3, 2, 4, 9]) reader.receive(stream, number);
    reader.gap();
    clock.advance(5);
    return checker.verdict();
  });
  const both = mergeVerdicts(verdicts.toReversed());
  assert.deepEqual(
    both.breaches.map(({ reader, kind }) => `${reader} ${kind}`),
    ["r1 doubled", "r1 reordered", "r1 invented", "r2 doubled", "r2 reordered", "r2 invented"],
  );
  assert.deepEqual([both.expected, both.delivered, both.excused], [10, 8, 2]);
  assert.equal(countBreaches(both), 6);
  assert.equal(countBreaches(both, ["doubled"]), 2);
  assert.match(printVerdict(both), /8 of 10 delivered \(80\.00 %\)/);
  assert.match(printVerdict(both), /gaps told 2, of them needless 0; missing but told 2/);
  assert.match(printVerdict(both), /back and caught up 2 times: p50 10 ms, p99 10 ms; not 0/);
});

test("a share is never rounded up to all", () => {
  const checker = new DeliveryChecker();
  const stream = checker.stream("s");
  const reader = checker.reader("r");
  reader.join(stream);
  stream.sentUpTo(1_000_000);
  for (let number = 1; number < 1_000_000; number += 1) reader.receive(stream, number);
  assert.match(printVerdict(checker.verdict()), /\(99\.99 %\)/);
  reader.isAway = true;
  assert.match(printVerdict(checker.verdict()), /in flight at the end 1/);
});
