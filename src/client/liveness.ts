import type { Timer } from "../shared/clock.ts";
import type { SessionPlatform } from "./platform.ts";

/** How often it is looked whether the machine has slept. */
export const SLEEP_WATCH_MS = 5000;
/** A timer that comes so late has slept. */
export const SLEEP_LATE_MS = 10_000;

/** Measures how long the server has been silent, also through sleep, in which some clocks stand still. */
export class Silence {
  readonly #platform: SessionPlatform;
  #heardAt = 0;
  #heardAtWall = 0;

  constructor(platform: SessionPlatform) {
    this.#platform = platform;
    this.end();
  }

  /** The server was heard. */
  end(): void {
    this.#heardAt = this.#platform.clock.now();
    this.#heardAtWall = this.#platform.wallNow();
  }

  /** How long it has lasted. */
  get ms(): number {
    const { clock } = this.#platform;
    return Math.max(clock.now() - this.#heardAt, this.#platform.wallNow() - this.#heardAtWall);
  }
}

/** Notices that the machine has slept: a timer comes much too late by the time of day. */
export class SleepWatch {
  readonly #platform: SessionPlatform;
  readonly #onWake: () => void;
  #timer: Timer;

  constructor(platform: SessionPlatform, onWake: () => void) {
    this.#platform = platform;
    this.#onWake = onWake;
    this.#timer = this.#start();
  }

  stop(): void {
    this.#timer.cancel();
  }

  #start(): Timer {
    const due = this.#platform.wallNow() + SLEEP_WATCH_MS;
    return this.#platform.clock.setTimeout(() => {
      const isLate = this.#platform.wallNow() - due >= SLEEP_LATE_MS;
      this.#timer = this.#start();
      if (isLate) this.#onWake();
    }, SLEEP_WATCH_MS);
  }
}
