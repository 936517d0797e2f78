import type { Clock } from "../../shared/clock.ts";
import type { EventError } from "../../shared/event-error.ts";
import { type RateLimitName, rateLimited } from "./rate-limited.ts";
import { TokenBucket, type TokenRate } from "./token-bucket.ts";

/** Who counts what all of a client's sockets send. */
export interface EventCounter {
  /** By which limit the last refusal was. */
  readonly lastLimit: RateLimitName;
  /**
   * Counts an event, also in the bucket of those that have its name: 0 if it may go on, else after how many milliseconds it may be sent again. One that is
   * refused takes nothing: what is said of the time holds, and the others of its address don't pay for it.
   */
  take(named: TokenBucket | undefined): number;
}

/** The application is told of a socket's refusals so often at most. */
export const TOLD_EVERY_MS = 5000;

/** Counts what a client sends in one namespace. */
export class SocketLimiter {
  readonly #session: EventCounter;
  readonly #rates: ReadonlyMap<string, TokenRate>;
  readonly #clock: Clock;
  /** Of events that have a limit, by name. */
  #buckets: Map<string, TokenBucket> | undefined;
  #tellAtMs = Number.NEGATIVE_INFINITY;
  /** Refused since the application was told. */
  #refused = 0;

  constructor(session: EventCounter, rates: ReadonlyMap<string, TokenRate>, clock: Clock) {
    this.#session = session;
    this.#rates = rates;
    this.#clock = clock;
  }

  /** Counts an event: 0 if it may go on, else after how many milliseconds it may be sent again. */
  take(name: string): number {
    const retryAfterMs = this.#session.take(this.#bucketOf(name));
    if (retryAfterMs > 0) this.#refused += 1;
    return retryAfterMs;
  }

  /** What the client is told of an event that was just refused. */
  answerTo(name: string, retryAfterMs: number): EventError {
    return rateLimited(this.#session.lastLimit, name, { retryAfterMs });
  }

  /** What the application is told of it, if it was not told lately. */
  reportOf(name: string, retryAfterMs: number): EventError | undefined {
    const now = this.#clock.now();
    if (now < this.#tellAtMs) return undefined;
    this.#tellAtMs = now + TOLD_EVERY_MS;
    const refused = this.#refused;
    this.#refused = 0;
    const limit = this.#session.lastLimit;
    return rateLimited(limit, name, { retryAfterMs, limit, refused });
  }

  #bucketOf(name: string): TokenBucket | undefined {
    const rate = this.#rates.get(name);
    if (rate === undefined) return undefined;
    const known = this.#buckets?.get(name);
    if (known !== undefined) return known;
    const bucket = new TokenBucket(rate);
    (this.#buckets ??= new Map()).set(name, bucket);
    return bucket;
  }
}
