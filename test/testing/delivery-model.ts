/** What happened to one reader in one stream, in order. `sent` is what had been sent by then. */
export type Happening =
  | { readonly kind: "join"; readonly from: number; readonly sent: number }
  | { readonly kind: "leave"; readonly to: number; readonly sent: number }
  | { readonly kind: "receive"; readonly number: number; readonly sent: number }
  /** `gap` counts those of the reader. */
  | { readonly kind: "gap"; readonly gap: number; readonly sent: number };

/** What the model says of one reader and stream. */
export interface ModelCounts {
  expected: number;
  delivered: number;
  lost: number;
  excused: number;
  inFlight: number;
  silentGaps: number;
  doubled: number;
  reordered: number;
  invented: number;
  /** Gaps that were needed here. */
  needed: Set<number>;
}

interface Stay {
  readonly from: number;
  to: number;
}

/** The checker's rules, written down with everything kept and nothing clever. */
export function judge(happenings: readonly Happening[], sent: number, isAway: boolean): ModelCounts {
  const counts: ModelCounts = {
    expected: 0,
    delivered: 0,
    lost: 0,
    excused: 0,
    inFlight: 0,
    silentGaps: 0,
    doubled: 0,
    reordered: 0,
    invented: 0,
    needed: new Set(),
  };
  const stays: Stay[] = [];
  /** When each number came first, as an index of the happenings. */
  const cameAt = new Map<number, number>();
  /** For each number the first gap that told of it, and when. */
  const toldAt = new Map<number, number>();
  const gapOf = new Map<number, number>();
  /** Numbers that something later was received instead of, by the place where that was. */
  const jumps: number[][] = [];
  const jumped = new Set<number>();
  const isMeant = (number: number): boolean => stays.some(({ from, to }) => number >= from && number <= to);
  let high = 0;

  for (const [at, happening] of happenings.entries()) {
    if (happening.kind === "join") {
      const last = stays.at(-1);
      if (last !== undefined) {
        for (let number = last.from; number <= last.to; number += 1) {
          if (cameAt.has(number)) continue;
          jumped.add(number);
          if (toldAt.has(number)) counts.needed.add(gapOf.get(number)!);
        }
      }
      stays.push({ from: happening.from, to: Number.POSITIVE_INFINITY });
      high = happening.from - 1;
    } else if (happening.kind === "leave") {
      stays.at(-1)!.to = happening.to;
    } else if (happening.kind === "gap") {
      for (let number = 1; number <= happening.sent; number += 1) {
        if (!isMeant(number) || cameAt.has(number) || toldAt.has(number)) continue;
        toldAt.set(number, at);
        gapOf.set(number, happening.gap);
        if (jumped.has(number)) counts.needed.add(happening.gap);
      }
    } else {
      const { number } = happening;
      if (number > happening.sent || !isMeant(number)) counts.invented += 1;
      else if (cameAt.has(number)) counts.doubled += 1;
      else {
        cameAt.set(number, at);
        if (number <= high) counts.reordered += 1;
        else {
          const place: number[] = [];
          for (let missed = high + 1; missed < number; missed += 1) {
            jumped.add(missed);
            if (toldAt.has(missed)) counts.needed.add(gapOf.get(missed)!);
            else place.push(missed);
          }
          jumps.push(place);
          high = number;
        }
      }
    }
  }

  for (const [index, { from, to }] of stays.entries()) {
    for (let number = from; number <= Math.min(to, sent); number += 1) {
      counts.expected += 1;
      if (cameAt.has(number)) counts.delivered += 1;
      else if (toldAt.has(number)) {
        counts.excused += 1;
        counts.needed.add(gapOf.get(number)!);
      } else if (isAway && index === stays.length - 1 && number > high) counts.inFlight += 1;
      else counts.lost += 1;
    }
  }
  counts.silentGaps = jumps.filter((place) => place.some((number) => !cameAt.has(number))).length;
  return counts;
}
