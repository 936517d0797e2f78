import type { Clock, Timer } from "../../shared/clock.ts";

/** With so little left, a client has taken what it was sent. */
const DRAINED_BYTES = 16 * 1024;
/** How often that is looked at: at first, and in the end. */
const MIN_CHECK_MS = 20;
const MAX_CHECK_MS = 1000;

/** Waits until a client has taken most of what it was sent; one timer for all who wait for that. */
export class DrainWatch {
  readonly #clock: Clock;
  readonly #bufferedBytes: () => number;
  #waiting: (() => void)[] = [];
  #timer: Timer | undefined;
  #isStopped = false;

  constructor(clock: Clock, bufferedBytes: () => number) {
    this.#clock = clock;
    this.#bufferedBytes = bufferedBytes;
  }

  /** Calls back, later, when it has. */
  add(callback: () => void): void {
    if (this.#isStopped) return;
    this.#waiting.push(callback);
    if (this.#timer === undefined) this.#check(MIN_CHECK_MS);
  }

  /** Nobody is called back any more. */
  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#waiting = [];
  }

  #check(afterMs: number): void {
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined;
      if (this.#bufferedBytes() > DRAINED_BYTES) {
        this.#check(Math.min(afterMs * 2, MAX_CHECK_MS));
        return;
      }
      const drained = this.#waiting;
      this.#waiting = [];
      for (const callback of drained) callback();
    }, afterMs);
  }
}
