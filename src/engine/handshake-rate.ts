import type { Clock } from "../shared/clock.ts";
import { networkOf } from "../shared/network.ts";

/** How many handshakes one address may make. */
export interface HandshakeRateOptions {
  /** So many at once, */
  max: number;
  /** and, in the long run, so many in this time, in milliseconds. */
  perMs: number;
}

/** How many addresses are remembered; beyond it the one that has been quiet for longest is forgotten, and may begin anew. */
export const MAX_ADDRESSES = 10_000;

interface Bucket {
  /** Handshakes that are left. */
  tokens: number;
  /** When they were counted. */
  atMs: number;
}

/**
 * Limits the rate of handshakes for each address; a network of IPv6 (/64) counts as one. Behind a proxy all clients have the proxy's
 * address: limit the rate there.
 */
export class HandshakeRate {
  readonly #options: HandshakeRateOptions;
  readonly #clock: Clock;
  /** By address, the one that was quiet for longest first. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(options: HandshakeRateOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  /** How many addresses are remembered. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Takes a handshake from an address: 0 if it may go on, else how long to wait before the next, in milliseconds. */
  take(address: string): number {
    const { max, perMs } = this.#options;
    const key = networkOf(address);
    const now = this.#clock.now();
    const bucket = this.#buckets.get(key) ?? { tokens: max, atMs: now };
    bucket.tokens = Math.min(max, bucket.tokens + ((now - bucket.atMs) * max) / perMs);
    bucket.atMs = now;
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    if (this.#buckets.size > MAX_ADDRESSES) {
      for (const oldest of this.#buckets.keys()) {
        this.#buckets.delete(oldest);
        break;
      }
    }
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1;
      return 0;
    }
    return Math.ceil(((1 - bucket.tokens) * perMs) / max);
  }
}
