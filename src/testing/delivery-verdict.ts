import { type LatencyCounts, LatencyHistogram } from "./latency-histogram.ts";

/** What can go wrong with what was sent. */
export type BreachKind = "lost" | "doubled" | "reordered" | "invented" | "silentGaps";

/** All kinds, in the order of a verdict. */
export const BREACH_KINDS: readonly BreachKind[] = ["lost", "doubled", "reordered", "invented", "silentGaps"];

/** One thing that went wrong. */
export interface DeliveryBreach {
  readonly kind: BreachKind;
  readonly reader: string;
  readonly stream: string;
  /** The number, or the first of several. */
  readonly from: number;
  /** The last of them. */
  readonly to: number;
  /** When it was noticed, by the checker's clock. */
  readonly atMs: number;
}

/** What became of everything, as plain data. Numbers count deliveries: one event to one reader. */
export interface DeliveryVerdict {
  /** Events, in all streams. */
  readonly sent: number;
  /** What readers were entitled to. */
  readonly expected: number;
  /** What they got of it, each counted once. */
  readonly delivered: number;
  /** What never came and no gap told of. */
  readonly lost: number;
  /** What came again. */
  readonly doubled: number;
  /** What came after something that was sent later. */
  readonly reordered: number;
  /** What nobody sent, or not to this reader. */
  readonly invented: number;
  /** Places where a reader got something later, and had not been told that something before it is missing. */
  readonly silentGaps: number;
  /** What never came, but a gap told of it. */
  readonly excused: number;
  /** What is missing at the end of readers that were away then. */
  readonly inFlight: number;
  /** Gaps that readers were told of. */
  readonly gaps: number;
  /** Of them, those without anything missing that was not told before. No breach. */
  readonly needlessGaps: number;
  /** How long it took from `back()` until a reader had reached all that had been sent by then. */
  readonly catchUp: LatencyCounts;
  /** How often a reader never got there, or went again before. */
  readonly neverCaughtUp: number;
  /** The first breaches. */
  readonly breaches: readonly DeliveryBreach[];
}

/** How many breaches of some kinds there are; by default of all. */
export function countBreaches(verdict: DeliveryVerdict, kinds: readonly BreachKind[] = BREACH_KINDS): number {
  return kinds.reduce((sum, kind) => sum + verdict[kind], 0);
}

/** The verdict on what several checkers saw, each of its own readers. Streams that several of them know count each time in `sent`. */
export function mergeVerdicts(verdicts: readonly DeliveryVerdict[]): DeliveryVerdict {
  const sum = (
    key: "sent" | "expected" | "delivered" | "excused" | "inFlight" | "gaps" | BreachKind,
  ): number => verdicts.reduce((total, verdict) => total + verdict[key], 0);
  const catchUp = new LatencyHistogram();
  for (const verdict of verdicts) catchUp.merge(verdict.catchUp);
  return {
    sent: sum("sent"),
    expected: sum("expected"),
    delivered: sum("delivered"),
    lost: sum("lost"),
    doubled: sum("doubled"),
    reordered: sum("reordered"),
    invented: sum("invented"),
    silentGaps: sum("silentGaps"),
    excused: sum("excused"),
    inFlight: sum("inFlight"),
    gaps: sum("gaps"),
    needlessGaps: verdicts.reduce((total, { needlessGaps }) => total + needlessGaps, 0),
    catchUp: catchUp.counts,
    neverCaughtUp: verdicts.reduce((total, { neverCaughtUp }) => total + neverCaughtUp, 0),
    breaches: verdicts.flatMap(({ breaches }) => breaches).toSorted((one, other) => one.atMs - other.atMs),
  };
}

/**
 * A verdict in a few lines for people.
 *
 * @example
 * console.log(printVerdict(checker.verdict()));
 * // 1200 of 1200 delivered (100 %)
 * // lost 0, doubled 0, reordered 0, invented 0, silent gaps 0
 */
export function printVerdict(verdict: DeliveryVerdict): string {
  const { expected, delivered, lost, doubled, reordered, invented, silentGaps } = verdict;
  const { excused, inFlight, gaps, needlessGaps, breaches, neverCaughtUp } = verdict;
  const lines = [
    `${delivered} of ${expected} delivered (${percent(delivered, expected)})`,
    `lost ${lost}, doubled ${doubled}, reordered ${reordered}, invented ${invented}, silent gaps ${silentGaps}`,
  ];
  if (gaps > 0)
    lines.push(`gaps told ${gaps}, of them needless ${needlessGaps}; missing but told ${excused}`);
  if (inFlight > 0) lines.push(`in flight at the end ${inFlight}`);
  const catchUp = new LatencyHistogram();
  catchUp.merge(verdict.catchUp);
  if (catchUp.count + neverCaughtUp > 0) {
    const [p50, p99] = [0.5, 0.99].map((part) => Math.round(catchUp.percentile(part)));
    lines.push(
      `back and caught up ${catchUp.count} times: p50 ${p50} ms, p99 ${p99} ms; not ${neverCaughtUp}`,
    );
  }
  for (const breach of breaches) lines.push(`  ${printBreach(breach)}`);
  const rest = countBreaches(verdict) - breaches.length;
  if (breaches.length > 0 && rest > 0) lines.push("  and more");
  return lines.join("\n");
}

function printBreach({ kind, reader, stream, from, to, atMs }: DeliveryBreach): string {
  const what = kind === "silentGaps" ? "not told that it misses" : kind;
  const numbers = from === to ? `${from}` : `${from} to ${to}`;
  return `at ${Math.round(atMs)} ms, ${reader}: ${what} ${numbers} of ${stream}`;
}

/** Never 100 % unless it is all. */
function percent(part: number, whole: number): string {
  if (part === whole) return "100 %";
  return `${Math.min(99.99, (100 * part) / whole).toFixed(2)} %`;
}
