import type { Clock, Timer } from "../shared/clock.ts";

/** With so little left, a client has taken what it was sent. */
export const DRAINED_BYTES: number = 16 * 1024;
/** How soon that is looked at: at first, and in the end. */
const MIN_CHECK_MS = 1;
const MAX_CHECK_MS = 1000;

/** Called when a client has taken most of what it was sent; `isOver`: its session has ended instead. */
export type Drained = (isOver: boolean) => void;

/** Waits until a client has taken most of what it was sent; one timer for all who wait for that. */
export class DrainWatch {
  readonly #clock: Clock;
  readonly #bufferedBytes: () => number;
  #waiting: Drained[] = [];
  #timer: Timer | undefined;
  #isStopped = false;

  constructor(clock: Clock, bufferedBytes: () => number) {
    this.#clock = clock;
    this.#bufferedBytes = bufferedBytes;
  }

  /** Calls back, later, when it has, or when the session ends. */
  add(callback: Drained): void {
    if (this.#isStopped) return callback(true);
    this.#waiting.push(callback);
    if (this.#timer === undefined) this.#check(MIN_CHECK_MS);
  }

  /** The session has ended. */
  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#tell(true);
  }

  #check(afterMs: number): void {
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined;
      if (this.#bufferedBytes() > DRAINED_BYTES) {
        this.#check(Math.min(afterMs * 2, MAX_CHECK_MS));
        return;
      }
      this.#tell(false);
    }, afterMs);
  }

  #tell(isOver: boolean): void {
    const drained = this.#waiting;
    this.#waiting = [];
    for (const callback of drained) callback(isOver);
  }
}
