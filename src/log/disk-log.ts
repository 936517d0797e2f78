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
import { copyOfRecord, decodeChunk, type DiskSeat, placeOf } from "./disk-format.ts";
import { type DiskLogOptions, diskLogSettings } from "./disk-log-options.ts";
import type { DiskNamespace } from "./disk-namespace.ts";
import { DiskStore } from "./disk-store.ts";
import { LogError } from "./errors.ts";
import { contentBytes } from "./kept-entries.ts";
import { MemorySeats, type SeatState } from "./memory-seats.ts";

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
 * Rejects with a {@link LogError}: `LOG_ENGINE_MISSING`, when that package is not installed; `LOG_IN_USE`, when another process has the folder;
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
  readonly #seats: MemorySeats;
  #closing: Promise<void> | undefined;

  constructor(store: DiskStore, name: string, host: LogHost) {
    this.#store = store;
    this.#host = host;
    const newEpoch = (): string => randomId(host.random).slice(0, EPOCH_LENGTH);
    this.#namespace = store.begin(name, host, newEpoch);
    this.#seats = new MemorySeats(host, (seat, state) => this.#keepSeat(seat, state));
    this.#restoreSeats();
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
    return this.#seats.take(placeOf(key));
  }

  saveSeat(key: string, record: SeatRecord, generation: number): void {
    if (this.#closing === undefined) this.#seats.save(placeOf(key), record, generation);
  }

  vacateSeat(key: string, generation: number): void {
    if (this.#closing === undefined) this.#seats.vacate(placeOf(key), generation);
  }

  dropSeat(key: string, generation: number): void {
    if (this.#closing === undefined) this.#seats.drop(placeOf(key), generation);
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
    // What is known of seats goes on in the store, for who opens the log again.
    for (const [seat, state] of this.#seats.entries()) this.#namespace.seats.set(seat, this.#onDisk(state));
    this.#seats.close();
    this.#namespace.host = undefined;
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

  #restoreSeats(): void {
    const { clock, seatLifetimeMs } = this.#host;
    const wallMs = this.#host.wallTimeMs();
    const due = ({ dueMs }: DiskSeat): number => dueMs ?? wallMs + seatLifetimeMs;
    const found = [...this.#namespace.seats].toSorted(([, one], [, other]) => due(one) - due(other));
    this.#namespace.seats.clear();
    for (const [seat, state] of found) {
      const dueMs = due(state) - wallMs + clock.now();
      const restored = { ...state, dueMs };
      if (dueMs <= clock.now()) {
        this.#keepSeat(seat, undefined);
        continue;
      }
      if (state.dueMs === null) this.#keepSeat(seat, restored);
      this.#seats.restore(seat, state.record, state.generation, dueMs);
    }
  }

  #keepSeat(seat: string, state: SeatState | undefined): void {
    this.#store.saveSeat(this.#namespace, seat, () => state && this.#onDisk(state));
  }

  /** By the time that goes on while nobody runs. */
  #onDisk({ record, generation, dueMs }: SeatState): DiskSeat {
    const { clock } = this.#host;
    return {
      record: copyOfRecord(record),
      generation,
      dueMs: dueMs === undefined ? null : Math.round(this.#host.wallTimeMs() + dueMs - clock.now()),
    };
  }
}
