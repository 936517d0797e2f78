import type { Room } from "../sockets/room.ts";
import type { LoggedEntry } from "../sockets/log.ts";
import type { Change, CommitGroup } from "./commit-group.ts";
import type { Database } from "./disk-database.ts";
import { decodeChunk, encodeChunk, historyKey, historyPrefix, parseHistoryKey } from "./disk-format.ts";
import type { DiskNamespace } from "./disk-namespace.ts";
import type { HistoryOptions } from "./memory-log-options.ts";

/** Of so many rooms it is known how much has come; others are looked through before they are forgotten. */
const MAX_COUNTED_ROOMS = 10_000;
/** When there is too much, so much of what may be there stays. */
const KEPT_PART = 7 / 8;

/** The last entries of the rooms that want them, each on disk once more, by room. */
export class DiskHistory {
  readonly #rooms: (room: Room) => number;
  readonly #onError: (error: unknown) => void;
  readonly #maxBytes: number;
  /** How many entries of a room have come since it was looked through last. */
  readonly #came = new Map<string, number>();
  /** How much there may be: what there is is counted when this is too much. */
  #bytes = Infinity;

  /** `onError` is told what `rooms` throws; nothing is kept for that room then. */
  constructor({ rooms, maxBytes }: Required<HistoryOptions>, onError: (error: unknown) => void) {
    this.#rooms = rooms;
    this.#onError = onError;
    this.#maxBytes = maxBytes;
  }

  wants(room: Room): boolean {
    return this.#wanted(room) >= 1;
  }

  /** What a commit adds; and what should be looked through when it is done. */
  changes(group: CommitGroup): { readonly changes: Change[]; readonly full: ReadonlyMap<string, number> } {
    const changes: Change[] = [];
    const full = new Map<string, number>();
    for (const [namespace, { entries, timesMs }] of group.parts) {
      for (const [index, entry] of entries.entries()) {
        for (const room of new Set(entry.rooms)) {
          const count = this.#wanted(room);
          if (!(count >= 1)) continue;
          const prefix = historyPrefix(namespace.place, room);
          const value = encodeChunk([entry], [timesMs[index]!]);
          const offset = namespace.head + 1 + index;
          changes.push({
            type: "put",
            key: historyKey(prefix, offset, timesMs[index]!, value.length),
            value,
          });
          this.#bytes += value.length;
          this.#count(prefix, count, full);
        }
      }
    }
    return { changes, full };
  }

  /** The newest entries of a room up to an offset, not more than `count`, in order. */
  async last(
    database: Database,
    namespace: DiskNamespace,
    room: Room,
    count: number,
    upTo: number,
  ): Promise<LoggedEntry[]> {
    const prefix = historyPrefix(namespace.place, room);
    const lt = historyKey(prefix, upTo + 1, 0, 0);
    const entries: LoggedEntry[] = [];
    for await (const [key, value] of database.iterator({ gte: prefix, lt, reverse: true, limit: count })) {
      try {
        entries.push(...decodeChunk(value, parseHistoryKey(key).offset));
      } catch (error) {
        this.#onError(error);
      }
    }
    return entries.toReversed();
  }

  /** Lets go of what rooms have too much of, and then of the oldest, if all together is too much. */
  async trim(database: Database, full: ReadonlyMap<string, number>): Promise<void> {
    for (const [prefix, count] of full) {
      const keys = await database.keys({ gte: prefix, lt: `${prefix}~`, reverse: true }).all();
      await database.batch(keys.slice(count).map((key) => ({ type: "del", key })));
    }
    if (this.#bytes > this.#maxBytes) await this.#trimAll(database);
  }

  async #trimAll(database: Database): Promise<void> {
    const keys = await database.keys({ gte: "h!", lt: "h~" }).all();
    const found = keys.map((key) => ({ key, ...parseHistoryKey(key) }));
    found.sort((one, other) => one.timeMs - other.timeMs || one.offset - other.offset);
    this.#bytes = found.reduce((sum, { bytes }) => sum + bytes, 0);
    const changes: { type: "del"; key: string }[] = [];
    for (const { key, bytes } of found) {
      if (this.#bytes <= this.#maxBytes * KEPT_PART) break;
      changes.push({ type: "del", key });
      this.#bytes -= bytes;
    }
    await database.batch(changes);
    if (changes.length > 0) await database.compactRange("h!", "h~");
  }

  #wanted(room: Room): number {
    try {
      return this.#rooms(room);
    } catch (error) {
      this.#onError(error);
      return 0;
    }
  }

  #count(prefix: string, wanted: number, full: Map<string, number>): void {
    const came = (this.#came.get(prefix) ?? 0) + 1;
    this.#came.set(prefix, came);
    if (came > wanted) {
      full.set(prefix, wanted);
      this.#came.delete(prefix);
    } else if (this.#came.size > MAX_COUNTED_ROOMS) {
      const [oldest] = this.#came.keys();
      full.set(oldest!, wanted);
      this.#came.delete(oldest!);
    }
  }
}
