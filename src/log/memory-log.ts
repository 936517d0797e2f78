import { randomId } from "../shared/random.ts";
import type { Timer } from "../shared/clock.ts";
import type { Room } from "../sockets/room.ts";
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
import { ByteBudget } from "./byte-budget.ts";
import { LogError } from "./errors.ts";
import { KeptEntries, type KeptEntry } from "./kept-entries.ts";
import { MemorySeats } from "./memory-seats.ts";
import { type MemoryLogOptions, type MemoryLogSettings, memoryLogSettings } from "./memory-log-options.ts";
import { RoomHistory } from "./room-history.ts";
import { VacantSeats } from "./vacant-seats.ts";

/** An epoch has 16 characters: 96 random bits. */
const EPOCH_LENGTH = 16;
/** The timer that looks for old entries fires at most so often in the time that they are kept. */
const SWEEPS_PER_AGE = 16;

/**
 * Logs in this process's memory: nothing is written, and a restart begins a new epoch. What was missed comes back to whoever was away for less than
 * `maxAgeMs`, as long as it takes no more than the limits. Each namespace has its own log; `maxTotalBytes` is for all of them.
 *
 * Throws a `RangeError` for an option that can't be.
 *
 * @example
 * const io = new Server(3000, { delivery: { log: memoryLog({ maxAgeMs: 600_000 }) } });
 */
export function memoryLog(options: MemoryLogOptions = {}): LogFactory {
  const settings = memoryLogSettings(options);
  const shared: Shared = {
    entries: new ByteBudget(settings.maxTotalBytes),
    history: new ByteBudget(settings.history.maxBytes),
    vacant: new VacantSeats(),
  };
  return (_namespace, host) => new MemoryLog(host, settings, shared);
}

/** What all namespaces have together. */
interface Shared {
  readonly entries: ByteBudget;
  readonly history: ByteBudget;
  readonly vacant: VacantSeats;
}

class MemoryLog implements Log {
  readonly epoch: string;
  readonly #host: LogHost;
  readonly #settings: MemoryLogSettings;
  readonly #entries: KeptEntries;
  readonly #history: RoomHistory;
  readonly #vacant: VacantSeats;
  readonly #seats: MemorySeats;
  #sweep: Timer | undefined;
  #isClosed = false;

  constructor(host: LogHost, settings: MemoryLogSettings, { entries, history, vacant }: Shared) {
    this.epoch = randomId(host.random).slice(0, EPOCH_LENGTH);
    this.#host = host;
    this.#settings = settings;
    this.#history = new RoomHistory(history);
    this.#entries = new KeptEntries(0, settings, entries, (entry) => this.#keepHistory(entry));
    this.#vacant = vacant;
    this.#seats = new MemorySeats(host, vacant);
    vacant.enter();
  }

  get head(): number {
    return this.#entries.head;
  }

  get tail(): number {
    return this.#entries.tail;
  }

  append(entry: LogEntry, appending: Appending): void {
    if (this.#isClosed) {
      appending.onFailed(new LogError("LOG_CLOSED", "The log is closed: nothing is kept any more."));
      return;
    }
    const timeMs = this.#host.wallTimeMs();
    this.#evictOlderThan(timeMs - this.#settings.maxAgeMs);
    this.#entries.push(entry, timeMs);
    if (this.#sweep === undefined) this.#scheduleSweep(timeMs);
    appending.onCommitted(this.#entries.head, timeMs);
  }

  read(query: LogQuery): LogPage {
    return this.#entries.read(query);
  }

  readLast(room: Room, count: number): readonly LoggedEntry[] {
    const newest = this.#entries.last(room, count);
    if (newest.length >= count) return newest;
    return this.#history.last(room, count - newest.length).concat(newest);
  }

  takeSeat(key: string): TakenSeat | undefined {
    return this.#seats.take(key);
  }

  saveSeat(key: string, record: SeatRecord, generation: number): void {
    if (!this.#isClosed) this.#seats.save(key, record, generation);
  }

  vacateSeat(key: string, generation: number): void {
    this.#seats.vacate(key, generation);
  }

  dropSeat(key: string, generation: number): void {
    this.#seats.drop(key, generation);
  }

  whenCommitted(callback: () => void): void {
    callback();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#sweep?.cancel();
    this.#sweep = undefined;
    this.#seats.clear();
    this.#vacant.leave();
    this.#entries.clear();
    this.#history.clear();
  }

  /** What the log lets go of stays for the rooms that want it. */
  #keepHistory(entry: KeptEntry): void {
    const wanted = this.#settings.history.rooms;
    if (wanted === undefined || this.#isClosed) return;
    for (const room of new Set(entry.rooms)) {
      const count = this.#wantedBy(wanted, room) - this.#entries.count(room);
      if (count > 0) this.#history.add(room, entry, entry.bytes, count);
      else this.#history.trim(room, 0);
    }
  }

  #wantedBy(wanted: (room: Room) => number, room: Room): number {
    try {
      return wanted(room);
    } catch (error) {
      this.#host.onError(error);
      return 0;
    }
  }

  #evictOlderThan(timeMs: number): void {
    for (let oldest = this.#entries.oldest; oldest !== undefined && oldest.timeMs < timeMs;) {
      this.#entries.shift();
      oldest = this.#entries.oldest;
    }
  }

  /** One timer: when the oldest entry is due, but not for every entry. */
  #scheduleSweep(timeMs: number): void {
    const { oldest } = this.#entries;
    const { maxAgeMs } = this.#settings;
    if (oldest === undefined || maxAgeMs === Infinity) return;
    const delayMs = Math.max(oldest.timeMs + maxAgeMs - timeMs, maxAgeMs / SWEEPS_PER_AGE) + 1;
    this.#sweep = this.#host.clock.setTimeout(() => {
      this.#sweep = undefined;
      const now = this.#host.wallTimeMs();
      this.#evictOlderThan(now - maxAgeMs);
      this.#scheduleSweep(now);
    }, delayMs);
  }
}
