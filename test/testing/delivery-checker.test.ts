import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DeliveryChecker } from "../../src/testing/delivery-checker.ts";
import type { DeliveryReader } from "../../src/testing/delivery-reader.ts";
import type { DeliveryStream } from "../../src/testing/delivery-stream.ts";
import { countBreaches, type DeliveryVerdict, printVerdict } from "../../src/testing/delivery-verdict.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { LatencyHistogram } from "../../src/testing/latency-histogram.ts";
import { MAX_MISSING_PIECES } from "../../src/testing/missing-events.ts";
import { SeededRandom } from "../../src/testing/seeded-random.ts";
import { type Happening, judge } from "./delivery-model.ts";

interface Pair {
  clock: FakeClock;
  checker: DeliveryChecker;
  stream: DeliveryStream;
  reader: DeliveryReader;
}

/** A reader of a stream of which so many were sent. */
function pair(sent: number): Pair {
  const clock = new FakeClock();
  const checker = new DeliveryChecker({ clock });
  const stream = checker.stream("Ada");
  const reader = checker.reader("Grace");
  reader.join(stream);
  stream.sentUpTo(sent);
  return { clock, checker, stream, reader };
}

const NOTHING = { lost: 0, doubled: 0, reordered: 0, invented: 0, silentGaps: 0, excused: 0, inFlight: 0 };

function counts(verdict: DeliveryVerdict): typeof NOTHING {
  const { lost, doubled, reordered, invented, silentGaps, excused, inFlight } = verdict;
  return { lost, doubled, reordered, invented, silentGaps, excused, inFlight };
}

/** What it says of one reader that got these, of so many; "gap" is a gap. */
function verdictOn(sent: number, came: readonly (number | "gap")[]): DeliveryVerdict {
  const { checker, stream, reader } = pair(sent);
  for (const one of came) {
    if (one === "gap") reader.gap();
    else reader.receive(stream, one);
  }
  return checker.verdict();
}

describe("a reader", () => {
  test("that got everything in order is complete", () => {
    const { checker, stream, reader } = pair(3);
    assert.equal(checker.isComplete, false);
    for (const number of [1, 2, 3]) reader.receive(stream, number);
    assert.equal(checker.isComplete, true);
    const verdict = checker.verdict();
    assert.deepEqual(counts(verdict), NOTHING);
    assert.deepEqual([verdict.sent, verdict.expected, verdict.delivered], [3, 3, 3]);
    assert.deepEqual(verdict.breaches, []);
    assert.equal(stream.next(), 4);
    assert.equal(checker.verdict().lost, 1);
    reader.isAway = true;
    assert.deepEqual(counts(checker.verdict()), { ...NOTHING, inFlight: 1 });
  });

  for (const [what, sent, came, expected] of [
    ["lost one in the middle", 3, [1, 3], { lost: 1, silentGaps: 1 }],
    ["lost the first", 3, [2, 3], { lost: 1, silentGaps: 1 }],
    ["lost the last", 3, [1, 2], { lost: 1 }],
    ["lost everything", 3, [], { lost: 3 }],
    ["lost at two places", 6, [1, 4, 6], { lost: 3, silentGaps: 2 }],
    ["got one twice", 2, [1, 1, 2, 1], { doubled: 2 }],
    ["got two swapped", 3, [2, 1, 3], { reordered: 1 }],
    ["got the first last", 4, [2, 3, 4, 1], { reordered: 1 }],
    ["got one late, and again", 3, [2, 3, 1, 1], { reordered: 1, doubled: 1 }],
    ["got what nobody sent", 2, [1, 2, 3], { invented: 1 }],
    ["got what nobody sent, before what was", 2, [9, 1, 2, 0, -1, 1.5], { invented: 4 }],
    ["was told of what is missing", 4, [1, "gap", 4], { excused: 2 }],
    ["was told too late", 4, [1, 4, "gap"], { excused: 2, silentGaps: 1 }],
    ["was told, and got it after all", 3, [1, "gap", 3, 2], { reordered: 1 }],
    ["was told, and got it twice", 3, [1, 2, "gap", 2, 3], { doubled: 1 }],
    ["was told of the end", 3, [1, "gap"], { excused: 2 }],
  ] as const) {
    test(`that ${what}`, () => {
      assert.deepEqual(counts(verdictOn(sent, came)), { ...NOTHING, ...expected });
    });
  }

  test("is told of what was sent before, and not of what comes later", () => {
    const { checker, stream, reader } = pair(3);
    reader.receive(stream, 1);
    reader.gap(stream);
    stream.sentUpTo(6);
    reader.receive(stream, 6);
    assert.deepEqual(counts(checker.verdict()), { ...NOTHING, excused: 2, lost: 2, silentGaps: 1 });
  });

  test("is told of one stream, or of all; without need is no breach", () => {
    const { checker, stream, reader } = pair(2);
    const other = checker.stream("Grace");
    reader.join(other);
    other.sentUpTo(2);
    reader.gap(other);
    reader.receive(stream, 2);
    reader.receive(other, 2);
    reader.gap();
    reader.gap();
    const verdict = checker.verdict();
    assert.deepEqual(counts(verdict), { ...NOTHING, excused: 2, silentGaps: 1 });
    assert.deepEqual([verdict.gaps, verdict.needlessGaps], [3, 1]);
    assert.equal(countBreaches(verdict, ["lost", "doubled"]), 0);
    assert.equal(countBreaches(verdict), 1);
  });

  test("is entitled from where it joins to where it leaves, and may come again", () => {
    const checker = new DeliveryChecker();
    const stream = checker.stream("s");
    stream.sentUpTo(5);
    const reader = checker.reader("r");
    reader.join(stream);
    stream.sentUpTo(8);
    assert.throws(() => reader.join(stream), /in this stream already/);
    reader.receive(stream, 5);
    assert.equal(checker.verdict().invented, 1);
    for (const number of [6, 7]) reader.receive(stream, number);
    reader.leave(stream);
    stream.sentUpTo(12);
    reader.receive(stream, 9);
    assert.equal(checker.verdict().invented, 2);
    assert.throws(() => reader.join(stream, 8), RangeError);
    const other = checker.stream("other");
    reader.join(other);
    reader.leave(other, 1);
    assert.throws(() => reader.join(other, 2), RangeError);
    other.sentUpTo(1);
    reader.join(stream, 11);
    reader.receive(stream, 10);
    reader.receive(stream, 11);
    reader.receive(stream, 12);
    const verdict = checker.verdict();
    assert.deepEqual(counts(verdict), { ...NOTHING, invented: 3, lost: 2 });
    assert.deepEqual([verdict.expected, verdict.delivered], [6, 4]);
  });

  test("that never joined is not to get anything, and can't leave", () => {
    const { checker, reader } = pair(0);
    const other = checker.stream("other");
    other.sentUpTo(1);
    reader.receive(other, 1);
    assert.deepEqual(counts(checker.verdict()), { ...NOTHING, invented: 1 });
    assert.throws(() => reader.leave(other), /"Grace" has not joined "other"/);
    assert.throws(() => reader.gap(other), /has not joined/);
  });
});

test("streams count up, here or elsewhere", () => {
  const checker = new DeliveryChecker();
  const stream = checker.stream("s");
  assert.deepEqual([stream.next(), stream.next(), stream.sent], [1, 2, 2]);
  stream.sentUpTo(1);
  assert.equal(stream.sent, 2);
  assert.equal(checker.stream("s"), stream);
  assert.throws(() => stream.sentUpTo(1.5), RangeError);
  assert.throws(() => stream.sentUpTo(-1), RangeError);
  let sent = 7;
  const elsewhere = checker.stream("e", { sent: () => sent });
  sent = 9;
  assert.equal(elsewhere.sent, 9);
  assert.throws(() => elsewhere.next(), /counted elsewhere/);
});

test("a relay's stream: what never reached the relay is not missing, what it has not passed on is no goal", () => {
  const clock = new FakeClock();
  const checker = new DeliveryChecker({ clock });
  const taken = new Set([1, 2, 5]);
  const stream = checker.stream("Ada", {
    sent: () => 8,
    published: () => Math.max(...taken),
    wasSent: (number) => taken.has(number),
  });
  const [grace, alan] = [checker.reader("Grace"), checker.reader("Alan")];
  for (const reader of [grace, alan]) reader.join(stream, 1);
  grace.receive(stream, 1);
  alan.receive(stream, 1);
  grace.back();
  clock.advance(30);
  for (const number of [2, 5]) grace.receive(stream, number);
  alan.receive(stream, 5);
  const verdict = checker.verdict();
  assert.equal(grace.isComplete, true);
  assert.deepEqual(counts(verdict), { ...NOTHING, lost: 1, silentGaps: 1 });
  assert.deepEqual([verdict.expected, verdict.delivered, verdict.catchUp.maxMs], [6, 5, 30]);
  taken.add(7);
  assert.equal(checker.verdict().lost, 3);
  alan.gap();
  assert.deepEqual(counts(checker.verdict()), { ...NOTHING, lost: 1, excused: 2, silentGaps: 1 });
});

test("a verdict says who, what and when, and keeps the first few", () => {
  const { clock, checker, stream, reader } = pair(1000);
  clock.advance(1500);
  reader.receive(stream, 1);
  reader.receive(stream, 4);
  clock.advance(500);
  reader.receive(stream, 1);
  const verdict = checker.verdict();
  assert.deepEqual(verdict, JSON.parse(JSON.stringify(verdict)));
  assert.equal(
    printVerdict(verdict),
    `2 of 1000 delivered (0.20 %)
lost 998, doubled 1, reordered 0, invented 0, silent gaps 1
  at 1500 ms, Grace: lost 2 to 3 of Ada
  at 1500 ms, Grace: not told that it misses 2 to 3 of Ada
  at 2000 ms, Grace: doubled 1 of Ada
  at 2000 ms, Grace: lost 5 to 1000 of Ada
  and more`,
  );
  for (let count = 0; count < 100; count += 1) reader.receive(stream, 1);
  assert.equal(checker.verdict().breaches.length, 20);
  assert.equal(checker.verdict().doubled, 101);
  assert.equal(
    printVerdict(verdictOn(2, [1, "gap", 2])),
    `2 of 2 delivered (100 %)
lost 0, doubled 0, reordered 0, invented 0, silent gaps 0
gaps told 1, of them needless 1; missing but told 0`,
  );
});

test("the time from being back to having caught up, with all streams", () => {
  const { clock, checker, stream, reader } = pair(2);
  const other = checker.stream("other");
  reader.join(other);
  other.sentUpTo(1);
  reader.back();
  clock.advance(100);
  reader.receive(stream, 1);
  reader.receive(stream, 2);
  clock.advance(100);
  assert.equal(checker.verdict().neverCaughtUp, 1);
  // What is lost is behind it as soon as something later comes.
  other.sentUpTo(2);
  reader.receive(other, 2);
  reader.back();
  stream.sentUpTo(3);
  reader.back();
  reader.back();
  clock.advance(50);
  reader.gap();
  const { catchUp, neverCaughtUp } = checker.verdict();
  const histogram = new LatencyHistogram();
  histogram.merge(catchUp);
  assert.deepEqual([histogram.count, histogram.maxMs, neverCaughtUp], [3, 200, 1]);
});

test("memory is bounded: the oldest of what is missing counts for good, and the oldest gaps", () => {
  const { checker, stream, reader } = pair(0);
  stream.sentUpTo(10_000);
  for (let number = 2; number <= 10_000; number += 2) reader.receive(stream, number);
  const before = checker.verdict();
  assert.deepEqual([before.lost, before.silentGaps], [5000, 5000]);
  // The last ones are still known, the first ones not.
  reader.receive(stream, 9_999);
  reader.receive(stream, 1);
  reader.receive(stream, 10_001 - 2 * MAX_MISSING_PIECES);
  reader.gap();
  for (let count = 0; count < 3000; count += 1) reader.gap();
  const after = checker.verdict();
  assert.deepEqual([after.reordered, after.doubled], [2, 1]);
  assert.deepEqual([after.lost, after.excused], [5000 - MAX_MISSING_PIECES, MAX_MISSING_PIECES - 2]);
  assert.deepEqual([after.gaps, after.needlessGaps], [3001, 3000]);
});

test("a place whose pieces are settled one by one counts once", () => {
  const { checker, stream, reader } = pair(1000);
  reader.receive(stream, 200);
  for (let number = 2; number < 200; number += 2) reader.receive(stream, number);
  const verdict = checker.verdict();
  assert.deepEqual([verdict.lost, verdict.silentGaps], [100 + 800, 1]);
  for (let number = 1; number < 200; number += 2) reader.receive(stream, number);
  assert.equal(checker.verdict().silentGaps, 1);
});

/** A stay in which everything happens that can, by chance. */
function play(random: SeededRandom): void {
  const checker = new DeliveryChecker({ clock: new FakeClock() });
  const streams = [checker.stream("a"), checker.stream("b")];
  const reader = checker.reader("r");
  const logs: Happening[][] = [[], []];
  const lasts = [0, 0];
  const isIn = [false, false];
  let gaps = 0;
  const trail: string[] = [];
  for (let step = random.integer(5, 60); step > 0; step -= 1) {
    const index = random.integer(0, 1);
    const stream = streams[index]!;
    const log = logs[index]!;
    const { sent } = stream;
    const act = random.integer(0, 19);
    trail.push(`${index}:${act}`);
    const stays = log.filter(({ kind }) => kind === "join").length;
    if (log.length === 0 || (act === 0 && !isIn[index] && stays < 2 && sent >= lasts[index]!)) {
      const from = Math.max(lasts[index]! + 1, sent + random.integer(-2, 3), 1);
      reader.join(stream, from);
      log.push({ kind: "join", from, sent });
      isIn[index] = true;
    } else if (act === 1 && isIn[index]) {
      // A reader leaves where it is, or a little later.
      const received = log.filter(({ kind }) => kind === "receive") as { number: number; sent: number }[];
      const high = Math.max(0, ...received.filter((one) => one.number <= one.sent).map((one) => one.number));
      const from = log.findLast(({ kind }) => kind === "join") as { from: number };
      const to = Math.max(high, from.from, sent) + random.integer(0, 2);
      reader.leave(stream, to);
      log.push({ kind: "leave", to, sent });
      lasts[index] = to;
      isIn[index] = false;
    } else if (act === 2) {
      gaps += 1;
      reader.gap(stream);
      log.push({ kind: "gap", gap: gaps, sent });
    } else if (act === 3) {
      gaps += 1;
      if (logs.some((log) => log.length === 0)) reader.gap(stream);
      else reader.gap();
      for (const [at, other] of logs.entries()) {
        const isAbout = !logs.some((log) => log.length === 0) || at === index;
        if (isAbout) other.push({ kind: "gap", gap: gaps, sent: streams[at]!.sent });
      }
    } else if (act < 10) {
      stream.sentUpTo(sent + random.integer(1, 3));
    } else {
      const received = log.filter(({ kind }) => kind === "receive") as { number: number; sent: number }[];
      const next =
        Math.max(0, ...received.filter((one) => one.number <= one.sent).map((one) => one.number)) + 1;
      const number = act < 15 ? next : act < 17 ? next + random.integer(0, 3) : random.integer(0, sent + 2);
      reader.receive(stream, number);
      log.push({ kind: "receive", number, sent });
    }
  }
  reader.isAway = random.fraction() < 0.3;
  const verdict = checker.verdict();
  const models = logs.map((log, index) => judge(log, streams[index]!.sent, reader.isAway));
  const needed = new Set(models.flatMap((model) => [...model.needed]));
  for (const key of [
    "expected",
    "delivered",
    "lost",
    "excused",
    "inFlight",
    "silentGaps",
    "doubled",
    "reordered",
    "invented",
  ] as const) {
    const expected = models.reduce((sum, model) => sum + model[key], 0);
    assert.equal(verdict[key], expected, `${key}: ${trail.join(" ")}\n${JSON.stringify(logs)}`);
  }
  assert.equal(verdict.needlessGaps, gaps - needed.size, `needless: ${JSON.stringify(logs)}`);
}

test("it says what a model says that keeps everything, in 3,000 random lives", () => {
  for (let seed = 1; seed <= 3_000; seed += 1) play(new SeededRandom(seed));
});

test("ten million deliveries are quick and leave nothing", () => {
  const checker = new DeliveryChecker();
  const stream = checker.stream("s");
  const readers = Array.from({ length: 10 }, (_, index) => checker.reader(`r${index}`));
  for (const reader of readers) reader.join(stream);
  for (let number = 1; number <= 1_000_000; number += 1) {
    stream.next();
    for (const reader of readers) reader.receive(stream, number);
  }
  assert.equal(checker.isComplete, true);
  assert.equal(checker.verdict().delivered, 10_000_000);
});
