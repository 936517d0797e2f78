/** How many tokens a bucket holds, and how fast they come back. */
export interface TokenRate {
  /** A token comes back every so many milliseconds. */
  readonly intervalMs: number;
  /** An empty bucket is full again after so many milliseconds. */
  readonly burstMs: number;
}

/** The rate of a bucket that holds `burst` tokens, of which `perSecond` come back in a second. */
export function tokenRate(perSecond: number, burst: number): TokenRate {
  const intervalMs = 1000 / perSecond;
  return { intervalMs, burstMs: burst * intervalMs };
}

/** What times may be off as they are sums of fractions. It does not add up: no bucket ever owes more than a full one and this. */
const TOLERANCE_MS = 0.001;

/**
 * Tokens that are taken one by one and come back at a steady rate, up to a burst. It is kept as a single number, the moment at which it will be
 * full again: taking a token puts that off by what a token takes to come back. (ATM's generic cell rate algorithm, ITU-T I.371.) So nothing has to run
 * while nobody asks, and time that goes back gives no tokens: it takes as long as it went back until the next one.
 *
 * @example
 * const bucket = new TokenBucket(tokenRate(2, 5));
 * const retryAfterMs = bucket.waitMs(clock.now());
 * if (retryAfterMs === 0) bucket.take(clock.now());
 */
export class TokenBucket {
  readonly #rate: TokenRate;
  #fullAtMs = Number.NEGATIVE_INFINITY;

  /** It begins full. */
  constructor(rate: TokenRate) {
    this.#rate = rate;
  }

  /** How long until it is full, in milliseconds; one that is need not be kept: a new one is the same. */
  untilFullMs(nowMs: number): number {
    return Math.max(0, this.#fullAtMs - nowMs);
  }

  /** 0 if there is a token; else how long until there is, in whole milliseconds, at least 1. */
  waitMs(nowMs: number): number {
    const { intervalMs, burstMs } = this.#rate;
    const waitMs = this.untilFullMs(nowMs) + intervalMs - burstMs - TOLERANCE_MS;
    return waitMs <= 0 ? 0 : Math.ceil(waitMs);
  }

  /** Takes a token, which must be there. */
  take(nowMs: number): void {
    this.#fullAtMs = Math.max(this.#fullAtMs, nowMs) + this.#rate.intervalMs;
  }
}
