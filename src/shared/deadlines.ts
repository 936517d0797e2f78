import type { Clock, Timer } from "./clock.ts";

/** Somebody who waits. */
export interface Waiting {
  /** Until when, in milliseconds of the clock: set for it, and not to be changed. */
  dueMs: number;
  /** The time is over. */
  onDue(): void;
}

/** Many that wait, all for the same time: one timer for all of them. */
export class Deadlines {
  readonly #clock: Clock;
  readonly #delayMs: number;
  /** The first is due first. */
  readonly #waiting = new Set<Waiting>();
  #timer: Timer | undefined;
  #isRunning = false;

  constructor(clock: Clock, delayMs: number) {
    this.#clock = clock;
    this.#delayMs = delayMs;
  }

  /** Begins to wait, or begins anew. */
  add(one: Waiting): void {
    // A whole number is smaller.
    one.dueMs = Math.ceil(this.#clock.now() + this.#delayMs);
    this.#waiting.delete(one);
    this.#waiting.add(one);
    if (this.#timer === undefined && !this.#isRunning) this.#schedule();
  }

  /** Waits no more; with the last one the timer stops. */
  remove(one: Waiting): void {
    if (!this.#waiting.delete(one) || this.#waiting.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #run(): void {
    const now = this.#clock.now();
    this.#timer = undefined;
    this.#isRunning = true;
    try {
      for (const one of this.#waiting) {
        if (one.dueMs > now) return;
        this.#waiting.delete(one);
        one.onDue();
      }
    } finally {
      this.#isRunning = false;
      this.#schedule();
    }
  }

  #schedule(): void {
    for (const { dueMs } of this.#waiting) {
      this.#timer = this.#clock.setTimeout(() => this.#run(), dueMs - this.#clock.now());
      return;
    }
  }
}
