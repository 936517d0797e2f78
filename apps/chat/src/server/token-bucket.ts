export interface Pace {
  /** How many at once. */
  readonly burst: number;
  /** How many a second after that. */
  readonly perSecond: number;
}

/** Lets a burst through and then a steady rate. `nowMs` may be any clock that does not go back. */
export class TokenBucket {
  readonly #pace: Pace;
  #tokens: number;
  #updatedMs: number;

  constructor(pace: Pace, nowMs: number) {
    this.#pace = pace;
    this.#tokens = pace.burst;
    this.#updatedMs = nowMs;
  }

  /** Takes one token and returns 0, or takes nothing and returns the ms until there is one. */
  take(nowMs: number): number {
    const { burst, perSecond } = this.#pace;
    this.#tokens = Math.min(burst, this.#tokens + ((nowMs - this.#updatedMs) * perSecond) / 1000);
    this.#updatedMs = nowMs;
    if (this.#tokens < 1) return Math.ceil(((1 - this.#tokens) * 1000) / perSecond);
    this.#tokens -= 1;
    return 0;
  }
}
