import { Queue } from "./queue.ts";

/** All is let go of in so many parts. */
const PARTS = 16;

/** What came in some stretch of time: up to which offset each namespace's entries are in it. */
export interface Segment<Owner> {
  bytes: number;
  oldestMs: number;
  newestMs: number;
  readonly upTo: Map<Owner, number>;
}

/** What is kept, of all namespaces, in stretches of time that go as a whole: so little has to be known of each entry. */
export class Segments<Owner> {
  readonly #maxBytes: number;
  readonly #maxAgeMs: number;
  readonly #segments = new Queue<Segment<Owner>>();
  #bytes = 0;

  constructor(maxBytes: number, maxAgeMs: number) {
    this.#maxBytes = maxBytes;
    this.#maxAgeMs = maxAgeMs;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Adds a chunk, the newest of its namespace. */
  add(owner: Owner, upTo: number, bytes: number, timeMs: number): void {
    let segment = this.#segments.last;
    if (
      segment === undefined ||
      segment.bytes + bytes > this.#maxBytes / PARTS ||
      timeMs - segment.oldestMs > this.#maxAgeMs / PARTS
    ) {
      segment = { bytes: 0, oldestMs: timeMs, newestMs: timeMs, upTo: new Map() };
      this.#segments.push(segment);
    }
    segment.bytes += bytes;
    segment.newestMs = Math.max(segment.newestMs, timeMs);
    segment.upTo.set(owner, upTo);
    this.#bytes += bytes;
  }

  /** The oldest, if it is too old or there is too much: it is no longer here. */
  takeOverdue(nowMs: number): Segment<Owner> | undefined {
    const oldest = this.#segments.first;
    if (oldest === undefined) return undefined;
    if (this.#bytes <= this.#maxBytes && oldest.newestMs >= nowMs - this.#maxAgeMs) return undefined;
    this.#bytes -= oldest.bytes;
    return this.#segments.shift();
  }
}
