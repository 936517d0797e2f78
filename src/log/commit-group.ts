import type { Appending, LogEntry } from "../sockets/log.ts";
import {
  type Chunk,
  chunkKey,
  encodeChunk,
  encodeEntry,
  encodeJson,
  digits,
  type DiskSeat,
  seatKey,
} from "./disk-format.ts";
import type { DiskNamespace, Part } from "./disk-namespace.ts";

/** A change of the database. */
export type Change =
  | { readonly type: "put"; readonly key: string; readonly value: Buffer }
  | { readonly type: "del"; readonly key: string };

/** So many commits have left their number: more than the database's journal holds, as only there one can be lost from the middle. */
export const NUMBERED_COMMITS = 65_536;

/** Who reads one entry of a chunk reads all of it. One entry may be more. */
const MAX_CHUNK_BYTES = 65_536;

export function commitKey(commit: number): string {
  return `b!${digits(commit)}`;
}

/** What is committed together: all that came in some turns of the event loop. */
export class CommitGroup {
  readonly parts: Map<DiskNamespace, Part> = new Map<DiskNamespace, Part>();
  /** What seats are now; asked when it is written. */
  readonly seats: Map<string, () => DiskSeat | undefined> = new Map<string, () => DiskSeat | undefined>();
  /** Those whose epoch is new. */
  readonly opened: Set<DiskNamespace> = new Set<DiskNamespace>();
  /** Who waits for the end of this commit, good or bad. */
  readonly waiting: (() => void)[] = [];
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    return this.parts.size === 0 && this.seats.size === 0 && this.opened.size === 0;
  }

  append(namespace: DiskNamespace, entry: LogEntry, timeMs: number, appending: Appending): void {
    let part = this.parts.get(namespace);
    if (part === undefined) {
      part = { entries: [], timesMs: [], appendings: [], encoded: [], bytes: 0 };
      this.parts.set(namespace, part);
    }
    part.entries.push(entry);
    part.timesMs.push(timeMs);
    part.appendings.push(appending);
    const encoded = encodeEntry(entry, timeMs);
    part.encoded.push(encoded);
    part.bytes += encoded.byteLength;
    this.#bytes += encoded.byteLength;
  }

  saveSeat(namespace: DiskNamespace, seat: string, state: () => DiskSeat | undefined): void {
    this.seats.set(seatKey(namespace.place, seat), state);
  }

  /** The chunks that it becomes, behind what its namespaces have now. */
  chunks(): Map<DiskNamespace, Chunk[]> {
    const chunks = new Map<DiskNamespace, Chunk[]>();
    for (const [namespace, part] of this.parts) chunks.set(namespace, chunksOf(namespace, part));
    return chunks;
  }

  /** All that is to be written, as the commit of this number. */
  changes(commit: number, chunks: ReadonlyMap<DiskNamespace, readonly Chunk[]>): Change[] {
    const changes: Change[] = numbering(commit);
    for (const [namespace, ofOne] of chunks) {
      const { encoded } = this.parts.get(namespace)!;
      let start = 0;
      for (const chunk of ofOne) {
        const value = encodeChunk(encoded.slice(start, (start += chunk.count)));
        changes.push({ type: "put", key: chunkKey(chunk), value });
      }
    }
    for (const namespace of new Set([...this.parts.keys(), ...this.opened])) {
      changes.push(describe(namespace, namespace.head + (this.parts.get(namespace)?.entries.length ?? 0)));
    }
    for (const [key, state] of this.seats) {
      const seat = state();
      changes.push(seat === undefined ? { type: "del", key } : { type: "put", key, value: encodeJson(seat) });
    }
    return changes;
  }

  /** Tells all who append that it is not kept; seats stay here, as what they are is known. */
  failEntries(error: unknown): void {
    const parts = [...this.parts];
    this.parts.clear();
    this.#bytes = 0;
    for (const [namespace, { appendings }] of parts) {
      // What the first of them can rely on must be there when the process ends: its epoch.
      this.opened.add(namespace);
      for (const appending of appendings) {
        try {
          appending.onFailed(error);
        } catch (thrown) {
          namespace.host?.onError(thrown);
        }
      }
    }
  }

  /** Takes over what another, older one has besides entries. */
  inherit({ seats, opened }: CommitGroup): void {
    for (const [key, state] of seats) if (!this.seats.has(key)) this.seats.set(key, state);
    for (const namespace of opened) this.opened.add(namespace);
  }
}

function chunksOf({ place, head }: DiskNamespace, { encoded, timesMs }: Part): Chunk[] {
  const chunks: Chunk[] = [];
  let chunk: { -readonly [Key in keyof Chunk]: Chunk[Key] } | undefined;
  for (const [index, { length }] of encoded.entries()) {
    if (chunk === undefined || chunk.bytes + length > MAX_CHUNK_BYTES) {
      chunk = { place, first: head + 1 + index, count: 0, bytes: 0, timeMs: 0 };
      chunks.push(chunk);
    }
    chunk.count++;
    chunk.bytes += length;
    chunk.timeMs = timesMs[index]!;
  }
  return chunks;
}

/** What a commit leaves of itself, so that one that is missing is found out. */
export function numbering(commit: number): Change[] {
  const old = commit - NUMBERED_COMMITS;
  const changes: Change[] = [{ type: "put", key: commitKey(commit), value: Buffer.alloc(0) }];
  if (old > 0) changes.push({ type: "del", key: commitKey(old) });
  return changes;
}

/** What is kept of a namespace itself. */
export function describe({ name, place, epoch }: DiskNamespace, head: number): Change {
  return { type: "put", key: `n!${place}`, value: encodeJson({ name, epoch, head }) };
}
