import type { Fault, FaultSchedule, ScheduledFault } from "./faults.ts";
import type { CutKind, Direction } from "./line-conditions.ts";
import { SeededRandom } from "./seeded-random.ts";

/** A number, or anything from one to another. */
export type Range = number | readonly [low: number, high: number];

/** A fault whose figures are left to chance, within their ranges. Lists are to be picked from. */
export type FaultChoice = {
  /** How long it lasts, in milliseconds. */
  readonly forMs: Range;
  /** How often it is taken, beside the others. Default 1. */
  readonly weight?: number;
} & (
  | { readonly kind: "cut"; readonly how?: readonly CutKind[] }
  | { readonly kind: "black-hole"; readonly direction?: readonly (Direction | "both")[] }
  | { readonly kind: "delay"; readonly delayMs: Range; readonly jitterMs?: Range }
  | { readonly kind: "throttle"; readonly bytesPerSecond: Range }
  | { readonly kind: "half-close"; readonly direction?: readonly Direction[] }
  | { readonly kind: "refuse" }
  | { readonly kind: "restart"; readonly signal?: readonly ("SIGTERM" | "SIGKILL")[] }
);

/** Faults that come again and again to one target, or to each of several by itself. */
export interface FaultTrack {
  /** So many clients, counted from 0, or the server. */
  readonly targets: number | "server";
  /** The time from one beginning to the next; never before the last one is over. The first comes within the first of these times. */
  readonly everyMs: Range;
  /** Which; each time one of them. */
  readonly choices: readonly FaultChoice[];
}

/** What a schedule is made of. */
export interface FaultProfile {
  /** All faults are over by then, in milliseconds. */
  readonly durationMs: number;
  readonly tracks: readonly FaultTrack[];
}

/**
 * The faults of a run: the same seed and profile always give the same list, in which each target has chances of its own, so that one more client
 * changes nothing for the others. Throws a `RangeError` for a profile that makes no sense.
 *
 * @example
 * const schedule = makeSchedule(7, {
 *   durationMs: 60_000,
 *   tracks: [{ targets: 100, everyMs: [14_000, 16_000], choices: [{ kind: "cut", forMs: 2000 }] }],
 * });
 */
export function makeSchedule(seed: number, { durationMs, tracks }: FaultProfile): FaultSchedule {
  const faults: ScheduledFault[] = [];
  for (const [index, track] of tracks.entries()) {
    check(track);
    const targets = track.targets === "server" ? (["server"] as const) : Array(track.targets).keys();
    for (const target of targets) {
      const part = target === "server" ? 0 : target + 1;
      const random = new SeededRandom(seed ^ Math.imul(index + 1, 0x9e3779b1) ^ Math.imul(part, 0x85ebca6b));
      faults.push(...trackOf(random, target, track, durationMs));
    }
  }
  return faults.toSorted((one, other) => one.atMs - other.atMs);
}

function* trackOf(
  random: SeededRandom,
  target: number | "server",
  { everyMs, choices }: FaultTrack,
  durationMs: number,
): Iterable<ScheduledFault> {
  let atMs = Math.round(random.fraction() * within(random, everyMs));
  for (;;) {
    const fault = faultOf(random, pick(random, choices));
    if (atMs + fault.forMs > durationMs) return;
    yield { atMs, target, ...fault };
    atMs += Math.max(within(random, everyMs), fault.forMs);
  }
}

function faultOf(random: SeededRandom, choice: FaultChoice): Fault {
  const forMs = within(random, choice.forMs);
  switch (choice.kind) {
    case "cut":
      return { kind: "cut", how: random.pick(choice.how ?? ["reset", "end"]), forMs };
    case "black-hole":
      return {
        kind: "black-hole",
        direction: random.pick(choice.direction ?? ["up", "down", "both"]),
        forMs,
      };
    case "delay": {
      const delayMs = within(random, choice.delayMs);
      return { kind: "delay", delayMs, jitterMs: within(random, choice.jitterMs ?? 0), forMs };
    }
    case "throttle":
      return { kind: "throttle", bytesPerSecond: within(random, choice.bytesPerSecond), forMs };
    case "half-close":
      return { kind: "half-close", direction: random.pick(choice.direction ?? ["up", "down"]), forMs };
    case "refuse":
      return { kind: "refuse", forMs };
    case "restart":
      return { kind: "restart", signal: random.pick(choice.signal ?? ["SIGTERM", "SIGKILL"]), forMs };
  }
}

function pick(random: SeededRandom, choices: readonly FaultChoice[]): FaultChoice {
  const total = choices.reduce((sum, { weight = 1 }) => sum + weight, 0);
  let left = random.fraction() * total;
  return choices.find(({ weight = 1 }) => (left -= weight) < 0) ?? choices.at(-1)!;
}

/** A whole number. */
function within(random: SeededRandom, range: Range): number {
  return typeof range === "number" ? Math.round(range) : random.integer(...range);
}

function check({ everyMs, choices, targets }: FaultTrack): void {
  const shortest = typeof everyMs === "number" ? everyMs : everyMs[0];
  if (!(shortest >= 1)) throw new RangeError(`"everyMs" must be 1 or more, not ${shortest}.`);
  if (choices.length === 0) throw new RangeError("A track needs a fault to choose.");
  for (const { kind } of choices) {
    if ((kind === "restart") === (targets === "server")) continue;
    throw new RangeError(
      `The fault "${kind}" can't be one of ${targets === "server" ? "the server" : "a client"}.`,
    );
  }
}
