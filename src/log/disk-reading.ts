import type { Database } from "./disk-database.ts";
import { chunkRange, parseChunkKey, parseDigits } from "./disk-format.ts";

/** A chunk as it is found: from which offset to which. */
export interface FoundChunk {
  readonly first: number;
  readonly last: number;
  readonly value: Buffer;
}

/** Entries of one namespace on disk, chunk by chunk, from the one that the offset behind `after` is in, to the one with `upTo`. */
export async function* readChunks(
  database: Database,
  place: string,
  after: number,
  upTo: number,
): AsyncGenerator<FoundChunk> {
  const before = chunkRange(place, 0, after + 2);
  const [start = before.gte] = await database.keys({ ...before, reverse: true, limit: 1 }).all();
  const { lt } = chunkRange(place, 0, upTo + 1);
  for await (const [key, value] of database.iterator({ gte: start, lt })) {
    const { first, count } = parseChunkKey(key);
    yield { first, last: first + count - 1, value };
  }
}

/** The number of the last commit; and whether one is missing from between those that have left theirs. */
export async function readCommits(
  database: Database,
): Promise<{ readonly last: number; readonly isWhole: boolean }> {
  let last = 0;
  let isWhole = true;
  for await (const key of database.keys({ gte: "b!", lt: "b~" })) {
    const commit = parseDigits(key.slice(2));
    if (last > 0 && commit !== last + 1) isWhole = false;
    last = commit;
  }
  return { last, isWhole };
}
