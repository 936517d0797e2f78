import type { Random } from "../shared/random.ts";

/** How long to wait before the next attempt: exponential, with full jitter, so that many clients don't return at once. */
export class Backoff {
  /** The bound on the first delay, in milliseconds; it doubles with each attempt. */
  baseMs: number;
  /** The bound on all of them, in milliseconds. */
  maxMs: number;
  /** The part of a delay that is left to chance: 1 for anything from 0, 0 for the bound itself. */
  jitter = 1;
  readonly #random: Pick<Random, "fraction">;
  #attempts = 0;

  /** The first delay is between 0 and `baseMs`; the bound doubles with each attempt, up to `maxMs`. */
  constructor(baseMs: number, maxMs: number, random: Pick<Random, "fraction">) {
    this.baseMs = baseMs;
    this.maxMs = maxMs;
    this.#random = random;
  }

  /** How many delays were taken since the last {@link reset}. */
  get attempts(): number {
    return this.#attempts;
  }

  /** The next delay, in whole milliseconds. */
  next(): number {
    // 2 ** 31 ms are beyond any bound: a larger power times a base of 0 would be no number.
    const bound = Math.min(this.maxMs, this.baseMs * 2 ** Math.min(this.#attempts, 31));
    this.#attempts += 1;
    return Math.floor(bound * (1 - this.jitter * (1 - this.#random.fraction())));
  }

  /** Begins again with the shortest: an attempt succeeded. */
  reset(): void {
    this.#attempts = 0;
  }
}
