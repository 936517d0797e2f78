import { SeededRandom } from "../../src/testing/seeded-random.ts";
import { heapBytes } from "./memory.ts";
import { watch } from "./watchdog.ts";

/** How much to try. */
export interface FuzzOptions {
  /** How many inputs. */
  readonly inputs: number;
  /** The same seed gives the same inputs. */
  readonly seed: number;
  /** The number of the first input; default 0. With `inputs: 1`, this repeats a single one. */
  readonly first?: number;
  /** Ends the run earlier when `performance.now()` has come so far. */
  readonly untilMs?: number;
}

/** What was tried, and what came of it. */
export interface FuzzReport {
  readonly target: string;
  readonly seed: number;
  readonly inputs: number;
  readonly seconds: number;
  /** The input that took longest. */
  readonly slowest: { readonly input: number; readonly ms: number };
  /** How much more memory is in use after a full collection than after the first part of the run. */
  readonly grownBytes: number;
  /** How often the code under test did what: shows that the inputs reach its branches. */
  readonly outcomes: ReadonlyMap<string, number>;
}

/** Tries one input and says what the code under test made of it; throws if that breaks the invariant. */
export type Attempt = (random: SeededRandom) => string | Promise<string>;

/** What a file of this folder exports. */
export type Run = (options: FuzzOptions) => Promise<FuzzReport>;

/** A single input may take so long, in milliseconds; they take a few hundred microseconds. */
const LONGEST_INPUT_MS = 5000;
/** A run may leave so much more in memory than it had after its first part. */
export const MAX_GROWTH_BYTES: number = 8 * 1024 * 1024;
/** Compiled code and caches come with the first inputs and are no leak. */
const WARM_UP_SHARE = 0.2;
/** Runs that are shorter say nothing about memory. */
const MEASURED_FROM_INPUTS = 500;
/** The event loop gets a turn after so many inputs. */
const TURN = 64;

/** A broken invariant; the message says how to see it again. */
export class FuzzFailure extends Error {
  override readonly name = "FuzzFailure";
}

/** Makes a target of an attempt. */
export function fuzzer(target: string, attempt: Attempt): Run {
  return async ({ inputs, seed, first = 0, untilMs = Number.POSITIVE_INFINITY }) => {
    const startMs = performance.now();
    const outcomes = new Map<string, number>();
    const watchdog = watch(target, seed);
    const warmedUp = first + Math.floor(inputs * WARM_UP_SHARE);
    let slowest = { input: -1, ms: 0 };
    let before = 0;
    let input = first;
    try {
      for (; input < first + inputs && performance.now() < untilMs; input += 1) {
        if (input === warmedUp) before = await heapBytes();
        watchdog.at(input);
        const beganMs = performance.now();
        const outcome = await tryInput(target, attempt, seed, input);
        const ms = performance.now() - beganMs;
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        if (ms > slowest.ms) slowest = { input, ms };
        if (ms > LONGEST_INPUT_MS)
          throw failure(target, seed, input, new Error(`it took ${Math.round(ms)} ms`));
        if (input % TURN === 0) await turn();
      }
    } finally {
      await watchdog.stop();
    }
    const tried = input - first;
    const grownBytes = tried < MEASURED_FROM_INPUTS || before === 0 ? 0 : (await heapBytes()) - before;
    if (grownBytes > MAX_GROWTH_BYTES) {
      throw new FuzzFailure(`${target}, seed ${seed}: ${tried} inputs left ${grownBytes} bytes behind.`);
    }
    const seconds = (performance.now() - startMs) / 1000;
    return { target, seed, inputs: tried, seconds, slowest, grownBytes, outcomes };
  };
}

/** One line about a run. */
export function describe({
  target,
  seed,
  inputs,
  seconds,
  slowest,
  grownBytes,
  outcomes,
}: FuzzReport): string {
  const counted = [...outcomes].toSorted(([, a], [, b]) => b - a).map(([name, count]) => `${name} ${count}`);
  return (
    `${target}: ${inputs} inputs of seed ${seed} in ${seconds.toFixed(1)} s, ` +
    `slowest ${slowest.ms.toFixed(1)} ms (input ${slowest.input}), ` +
    `memory ${grownBytes >= 0 ? "+" : ""}${(grownBytes / 1024).toFixed(0)} KiB; ${counted.join(", ")}`
  );
}

async function tryInput(target: string, attempt: Attempt, seed: number, input: number): Promise<string> {
  try {
    const outcome = attempt(new SeededRandom(seed ^ Math.imul(input + 1, 0x9e37_79b1)));
    return typeof outcome === "string" ? outcome : await outcome;
  } catch (error) {
    throw failure(target, seed, input, error);
  }
}

function failure(target: string, seed: number, input: number, cause: unknown): FuzzFailure {
  const what = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  return new FuzzFailure(
    `${target} failed at input ${input} of seed ${seed}; to repeat it: ` +
      `npm run fuzz -- --target ${target} --seed ${seed} --at ${input}\n${what}`,
  );
}

function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
