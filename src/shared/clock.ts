/** A timer that has been started. */
export interface Timer {
  /** Stops it; stopping it twice, or after it fired, does nothing. */
  cancel(): void;
}

/**
 * Where time comes from. Everything that waits takes a clock, so that tests can move time by hand
 * (`FakeClock` in `switchboard/testing`).
 */
export interface Clock {
  /** Milliseconds since some fixed moment; never goes back. */
  now(): number;
  /** Calls `callback` once, `delayMs` milliseconds from now. */
  setTimeout(callback: () => void, delayMs: number): Timer;
}

class SystemTimer implements Timer {
  readonly #handle: ReturnType<typeof setTimeout>;

  constructor(callback: () => void, delayMs: number) {
    this.#handle = setTimeout(callback, delayMs);
  }

  cancel(): void {
    clearTimeout(this.#handle);
  }
}

/** The machine's clock, with timers that do not keep a Node process alive. */
export const detachedClock: Clock = {
  now: () => performance.now(),
  setTimeout: (callback, delayMs) => {
    const handle: unknown = setTimeout(callback, delayMs);
    // A page's timer is a number, and keeps nothing alive.
    (handle as { unref?(): void }).unref?.();
    return { cancel: () => clearTimeout(handle as number) };
  },
};

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimeout: (callback, delayMs) => new SystemTimer(callback, delayMs),
};
