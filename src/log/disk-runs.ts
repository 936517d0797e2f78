import type { Database } from "./disk-database.ts";
import { type Chunk, parseChunkKey } from "./disk-format.ts";

/** A run is in no more of the limits than this: small beside the part of them that is let go of at a time. */
const PARTS_OF_LIMITS = 256;

/** Chunks of one namespace that follow each other: what is known of them when a database is opened, as single ones may be millions. */
export interface Run {
  readonly place: string;
  readonly first: number;
  last: number;
  bytes: number;
  readonly oldestMs: number;
  newestMs: number;
}

/** Finds out what is there, from the keys alone. */
export class Runs {
  readonly #maxBytes: number;
  readonly #maxAgeMs: number;

  constructor(maxBytes: number, maxAgeMs: number) {
    this.#maxBytes = maxBytes / PARTS_OF_LIMITS;
    this.#maxAgeMs = maxAgeMs / PARTS_OF_LIMITS;
  }

  /** For each namespace that has entries its runs, in order. */
  async *read(database: Database): AsyncGenerator<Run[]> {
    let runs: Run[] = [];
    for await (const key of database.keys({ gte: "e!", lt: "e~" })) {
      const chunk = parseChunkKey(key);
      const run = runs.at(-1);
      if (run !== undefined && run.place !== chunk.place) {
        yield runs;
        runs = [];
      }
      if (run !== undefined && this.#continues(run, chunk)) {
        run.last += chunk.count;
        run.bytes += chunk.bytes;
        run.newestMs = Math.max(run.newestMs, chunk.timeMs);
      } else {
        runs.push(runOf(chunk));
      }
    }
    if (runs.length > 0) yield runs;
  }

  #continues(run: Run, { place, first, bytes, timeMs }: Chunk): boolean {
    if (run.place !== place || run.last + 1 !== first) return false;
    return run.bytes + bytes <= this.#maxBytes && timeMs - run.oldestMs <= this.#maxAgeMs;
  }
}

function runOf({ place, first, count, bytes, timeMs }: Chunk): Run {
  return { place, first, last: first + count - 1, bytes, oldestMs: timeMs, newestMs: timeMs };
}
