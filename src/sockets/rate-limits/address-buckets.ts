import { TokenBucket, type TokenRate } from "./token-bucket.ts";

/** How many addresses are counted at a time; beyond it, those that have taken least are forgotten, and may begin anew. */
export const MAX_ADDRESSES = 100_000;

/** So many are looked at for each that comes: a round of all of them is never due at once. */
const LOOKED_AT = 8;

/**
 * A bucket for each address that has sent something lately. One that is full again is dropped when it is its turn to be looked at; if there are too
 * many, of those that are looked at the one that is nearest to full goes.
 */
export class AddressBuckets {
  readonly #rate: TokenRate;
  readonly #maxAddresses: number;
  readonly #buckets = new Map<string, TokenBucket>();
  /** Where the next look begins. */
  #hand: Iterator<[string, TokenBucket]> = this.#buckets.entries();

  constructor(rate: TokenRate, maxAddresses: number = MAX_ADDRESSES) {
    this.#rate = rate;
    this.#maxAddresses = maxAddresses;
  }

  /** How many addresses are counted. */
  get size(): number {
    return this.#buckets.size;
  }

  /** The bucket of an address; a new one is full. Not to be kept: it may be forgotten. */
  bucketOf(address: string, nowMs: number): TokenBucket {
    const known = this.#buckets.get(address);
    if (known !== undefined) return known;
    this.#lookAround(nowMs);
    const bucket = new TokenBucket(this.#rate);
    this.#buckets.set(address, bucket);
    return bucket;
  }

  #lookAround(nowMs: number): void {
    let least: string | undefined;
    let leastMs = Number.POSITIVE_INFINITY;
    for (let looked = 0; looked < LOOKED_AT && this.#buckets.size > 0; looked += 1) {
      const next = this.#hand.next();
      if (next.done === true) {
        this.#hand = this.#buckets.entries();
        continue;
      }
      const [address, bucket] = next.value;
      const untilFullMs = bucket.untilFullMs(nowMs);
      if (untilFullMs === 0) this.#buckets.delete(address);
      else if (untilFullMs < leastMs) {
        least = address;
        leastMs = untilFullMs;
      }
    }
    if (this.#buckets.size >= this.#maxAddresses && least !== undefined) this.#buckets.delete(least);
  }
}
