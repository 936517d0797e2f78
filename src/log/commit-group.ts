import type { Appending, LogEntry } from "../sockets/log.ts";
import {
  type Chunk,
  chunkKey,
  encodeChunk,
  encodeJson,
  digits,
  type DiskSeat,
  namespaceKey,
  seatKey,
} from "./disk-format.ts";
import { contentBytes } from "./kept-entries.ts";
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

/** What stands around an entry's texts, about. */
const ENTRY_BYTES = 64;

interface EncodedChunk extends Chunk {
  readonly value: Buffer;
}

/** What is committed together: all that came in some turns of the event loop. */
export class CommitGroup {
  readonly parts: Map<DiskNamespace, Part> = new Map<DiskNamespace, Part>();
  /** What seats are now, which is asked when it is written; undefined: no more. */
  readonly seats: Map<string, (() => DiskSeat) | undefined> = new Map<string, (() => DiskSeat) | undefined>();
  /** Those whose epoch is new. */
  readonly opened: Set<DiskNamespace> = new Set<DiskNamespace>();
  /** Those of which nothing is kept any more. */
  readonly forgotten: Set<DiskNamespace> = new Set<DiskNamespace>();
  /** Who waits for the end of this commit, good or bad. */
  readonly waiting: (() => void)[] = [];
  /** Those that are in no earlier commit. */
  readonly #newSeats = new Set<string>();
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    return [this.parts, this.seats, this.opened, this.forgotten].every(({ size }) => size === 0);
  }

  append(namespace: DiskNamespace, entry: LogEntry, timeMs: number, appending: Appending): void {
    let part = this.parts.get(namespace);
    if (part === undefined) {
      part = { entries: [], timesMs: [], appendings: [] };
      this.parts.set(namespace, part);
    }
    part.entries.push(entry);
    part.timesMs.push(timeMs);
    part.appendings.push(appending);
    this.#bytes += roughBytes(entry);
  }

  /** `state` undefined: it is forgotten; `isNew`: nothing of it has ever been here. */
  saveSeat(
    namespace: DiskNamespace,
    seat: string,
    state: (() => DiskSeat) | undefined,
    isNew: boolean,
  ): void {
    const key = seatKey(namespace.place, seat);
    if (isNew && !this.seats.has(key)) this.#newSeats.add(key);
    // Of what comes and goes while the disk is busy nothing is left: else it would be as much as clients want.
    if (state === undefined && this.#newSeats.delete(key)) this.seats.delete(key);
    else this.seats.set(key, state);
  }

  /** The chunks that it becomes, behind what its namespaces have now. */
  chunks(): Map<DiskNamespace, EncodedChunk[]> {
    const chunks = new Map<DiskNamespace, EncodedChunk[]>();
    for (const [namespace, part] of this.parts) chunks.set(namespace, chunksOf(namespace, part));
    return chunks;
  }

  /** All that is to be written, as the commit of this number. */
  changes(commit: number, chunks: ReadonlyMap<DiskNamespace, readonly EncodedChunk[]>): Change[] {
    const changes: Change[] = numbering(commit);
    // First: one of that name may have begun since.
    for (const { place } of this.forgotten) changes.push({ type: "del", key: namespaceKey(place) });
    for (const ofOne of chunks.values()) {
      for (const chunk of ofOne) changes.push({ type: "put", key: chunkKey(chunk), value: chunk.value });
    }
    for (const namespace of new Set([...this.parts.keys(), ...this.opened])) {
      changes.push(describe(namespace, namespace.head + (this.parts.get(namespace)?.entries.length ?? 0)));
    }
    for (const [key, state] of this.seats) {
      changes.push(
        state === undefined ? { type: "del", key } : { type: "put", key, value: encodeJson(state()) },
      );
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
  inherit({ seats, opened, forgotten }: CommitGroup): void {
    for (const [key, state] of seats) if (!this.seats.has(key)) this.seats.set(key, state);
    for (const namespace of opened) this.opened.add(namespace);
    for (const namespace of forgotten) this.forgotten.add(namespace);
  }
}

function chunksOf({ place, head }: DiskNamespace, { entries, timesMs }: Part): EncodedChunk[] {
  const chunks: EncodedChunk[] = [];
  for (let start = 0; start < entries.length;) {
    let end = start;
    let rough = 0;
    while (end < entries.length && (rough === 0 || rough + roughBytes(entries[end]!) <= MAX_CHUNK_BYTES)) {
      rough += roughBytes(entries[end++]!);
    }
    const times = timesMs.slice(start, end);
    const value = encodeChunk(entries.slice(start, end), times);
    chunks.push({
      place,
      first: head + 1 + start,
      count: end - start,
      bytes: value.length,
      timeMs: times.at(-1)!,
      value,
    });
    start = end;
  }
  return chunks;
}

/** What an entry takes on disk, without much of a look at it. */
function roughBytes(entry: LogEntry): number {
  let bytes = ENTRY_BYTES + contentBytes(entry);
  for (const room of entry.rooms) bytes += room.length;
  for (const room of entry.except) bytes += room.length;
  return bytes;
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
  return { type: "put", key: namespaceKey(place), value: encodeJson({ name, epoch, head }) };
}
