/** Each bucket is this part of an octave: a percentile is at most 9 % above what it was. */
const STEPS = 8;
/** The last bucket begins at 2 ** 26 ms, some 18 hours. */
const MAX_BUCKET = 26 * STEPS + 1;

/** Durations in milliseconds, counted in buckets that grow with them: a few hundred numbers, however many there are. */
export class LatencyHistogram {
  readonly #buckets: number[] = [];
  #count = 0;
  #maxMs = 0;

  /** How many there are. */
  get count(): number {
    return this.#count;
  }

  /** The longest, exactly. */
  get maxMs(): number {
    return this.#maxMs;
  }

  /** Counts one. */
  add(ms: number): void {
    const bucket = ms < 1 ? 0 : Math.min(MAX_BUCKET, Math.floor(Math.log2(ms) * STEPS) + 1);
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
    this.#count += 1;
    this.#maxMs = Math.max(this.#maxMs, ms);
  }

  /** No more than this part of them, from 0 to 1, took longer than so many milliseconds, give or take a bucket; 0 if there are none. */
  percentile(part: number): number {
    let left = Math.ceil(this.#count * part);
    for (const [bucket, count = 0] of this.#buckets.entries()) {
      left -= count;
      if (left <= 0) return Math.min(this.#maxMs, 2 ** (bucket / STEPS));
    }
    return this.#maxMs;
  }

  /** Adds what another has counted. */
  merge(other: LatencyCounts): void {
    for (const [bucket, count] of other.buckets) this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + count;
    for (const [, count] of other.buckets) this.#count += count;
    this.#maxMs = Math.max(this.#maxMs, other.maxMs);
  }

  /** All that is in it, as plain data. */
  get counts(): LatencyCounts {
    const buckets: [number, number][] = [];
    for (const [bucket, count = 0] of this.#buckets.entries()) if (count > 0) buckets.push([bucket, count]);
    return { buckets, maxMs: this.#maxMs };
  }
}

/** A histogram as plain data: which bucket holds how many. */
export interface LatencyCounts {
  readonly buckets: readonly (readonly [bucket: number, count: number])[];
  readonly maxMs: number;
}
