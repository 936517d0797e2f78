import type { Room } from "../sockets/room.ts";
import { randomId } from "../shared/random.ts";
import type {
  Appending,
  Log,
  LogEntry,
  LogFactory,
  LoggedEntry,
  LogHost,
  LogPage,
  LogQuery,
  SeatRecord,
  TakenSeat,
} from "../sockets/log.ts";
import { decodeChunk } from "./disk-format.ts";
import { type DiskLogOptions, diskLogSettings } from "./disk-log-options.ts";
import type { DiskNamespace } from "./disk-namespace.ts";
import type { DiskSeats } from "./disk-seats.ts";
import { DiskStore } from "./disk-store.ts";
import { LogError } from "./errors.ts";
import { contentBytes } from "./kept-entries.ts";

/** An epoch has 16 characters: 96 random bits. */
const EPOCH_LENGTH = 16;
/** What one page looks through on disk, in bytes; it may find nothing there that is asked for. */
const MAX_SCANNED_BYTES = 4 * 2 ** 20;

/** Logs on disk: a factory for the server, and their end. */
export interface DiskLogs extends LogFactory {
  /** Commits what waits, and lets go of the folder. */
  close(): Promise<void>;
}

/**
 * Opens logs on disk: what was told as committed is there after a restart, a crash or a loss of power. All namespaces are in one folder, which one
 * process has at a time. Who was away for a short time is served from memory. Needs the package `classic-level`.
 *
 * Rejects with a {@link LogError}: `LOG_ENGINE_MISSING`, when that package is not installed; `LOG_IN_USE`, when another process has the folder, for longer than `waitMs`;
 * `LOG_OPEN_FAILED`. What is found damaged is repaired: history that was lost so gives its namespaces a new epoch, which the host is told as
 * `LOG_DAMAGED`. When writing fails (`LOG_WRITE_FAILED`), entries are refused until it works again.
 *
 * @example
 * const log = await diskLog({ path: "/var/lib/chat/log" });
 * const io = new Server(3000, { delivery: { log } });
 */
export async function diskLog(options: DiskLogOptions): Promise<DiskLogs> {
  const store = await DiskStore.open(diskLogSettings(options));
  const make: LogFactory = (name, host) => new DiskLog(store, name, host);
  return Object.assign(make, { close: () => store.close() });
}

class DiskLog implements Log {
  readonly #store: DiskStore;
  readonly #host: LogHost;
  readonly #namespace: DiskNamespace;
  readonly #seats: DiskSeats;
  #closing: Promise<void> | undefined;

  constructor(store: DiskStore, name: string, host: LogHost) {
    this.#store = store;
    this.#host = host;
    const newEpoch = (): string => randomId(host.random).slice(0, EPOCH_LENGTH);
    this.#namespace = store.begin(name, host, newEpoch);
    this.#seats = this.#namespace.seats!;
  }

  get epoch(): string {
    return this.#namespace.epoch!;
  }

  get head(): number {
    return this.#namespace.head;
  }

  get tail(): number {
    return this.#namespace.tail;
  }

  append(entry: LogEntry, appending: Appending): void {
    if (this.#closing === undefined) this.#store.append(this.#namespace, entry, appending);
    else appending.onFailed(new LogError("LOG_CLOSED", "The log is closed: nothing is kept any more."));
  }

  read(query: LogQuery): LogPage | Promise<LogPage> {
    const { kept, tail } = this.#namespace;
    if (Math.max(query.after, tail) >= kept.tail) return kept.read(query);
    return this.#readDisk(query, kept.tail);
  }

  readLast(room: Room, count: number): readonly LoggedEntry[] | Promise<readonly LoggedEntry[]> {
    const { kept } = this.#namespace;
    const newest = kept.last(room, count);
    if (newest.length >= count || kept.tail === 0 || !this.#store.keepsHistory(room)) return newest;
    const older = this.#store.lastOf(this.#namespace, room, count - newest.length);
    return older.then((entries) => entries.concat(newest));
  }

  takeSeat(key: string): TakenSeat | undefined {
    if (this.#closing !== undefined) return undefined;
    return this.#seats.take(key);
  }

  saveSeat(key: string, record: SeatRecord, generation: number): void {
    if (this.#closing === undefined) this.#seats.save(key, record, generation);
  }

  vacateSeat(key: string, generation: number): void {
    if (this.#closing === undefined) this.#seats.vacate(key, generation);
  }

  dropSeat(key: string, generation: number): void {
    if (this.#closing === undefined) this.#seats.drop(key, generation);
  }

  whenCommitted(callback: () => void): void {
    this.#store.whenSettled(() => {
      try {
        callback();
      } catch (error) {
        this.#host.onError(error);
      }
    });
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    await this.#store.settled();
    this.#store.end(this.#namespace);
  }

  /** What is before that in memory. */
  async #readDisk(
    { after, upTo, rooms, maxEntries, maxBytes }: LogQuery,
    memoryTail: number,
  ): Promise<LogPage> {
    const end = Math.min(upTo, memoryTail);
    const wanted = new Set(rooms);
    const entries: LoggedEntry[] = [];
    let bytes = 0;
    let scanned = 0;
    for await (const chunk of this.#store.chunks(this.#namespace, after, end)) {
      for (const entry of this.#decode(chunk)) {
        if (entry.offset <= after || entry.offset > end) continue;
        if (entry.rooms.length > 0 && !entry.rooms.some((room) => wanted.has(room))) continue;
        if (entries.length > 0 && (entries.length >= maxEntries || bytes >= maxBytes)) {
          return { entries, upTo: entries.at(-1)!.offset };
        }
        entries.push(entry);
        bytes += contentBytes(entry);
      }
      scanned += chunk.value.length;
      if (scanned > MAX_SCANNED_BYTES && chunk.last > after)
        return { entries, upTo: Math.min(chunk.last, end) };
    }
    return { entries, upTo: Math.max(after, end) };
  }

  /** What can't be read is a gap: the tail is behind it. */
  #decode({ first, last, value }: { first: number; last: number; value: Buffer }): LoggedEntry[] {
    try {
      return decodeChunk(value, first);
    } catch (error) {
      this.#host.onError(error);
      if (last > this.#namespace.tail) this.#namespace.forget(last);
      return [];
    }
  }
}
