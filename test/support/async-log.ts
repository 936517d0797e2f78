import type { Room } from "../../src/sockets/adapter.ts";
import type {
  Appending,
  Log,
  LogEntry,
  LoggedEntry,
  LogHost,
  LogPage,
  LogQuery,
  SeatRecord,
  TakenSeat,
} from "../../src/sockets/log.ts";

interface KeptSeat {
  record: SeatRecord;
  generation: number;
  /** Until when it is kept; undefined: somebody sits there. */
  dueMs: number | undefined;
}

interface Uncommitted {
  readonly entry: LogEntry;
  readonly appending: Appending;
}

/** A log that does nothing before it is told to: it commits, and answers, as late as a test wants, and fails on demand. A simple list is all it keeps. */
export class AsyncLog implements Log {
  readonly epoch: string;
  tail = 0;
  /** What it will fail at next. */
  failing: "append" | "read" | "take" | undefined;
  /** Whether it fails by throwing, and not by a promise. */
  throws = false;
  isClosed = false;
  readonly #entries: LoggedEntry[] = [];
  readonly #host: LogHost;
  readonly #seats = new Map<string, KeptSeat>();
  #uncommitted: Uncommitted[] = [];
  #unanswered: (() => void)[] = [];
  #afterCommit: { readonly count: number; readonly callback: () => void }[] = [];
  #appended = 0;
  #settled = 0;

  constructor(host: LogHost, epoch = "epoch") {
    this.#host = host;
    this.epoch = epoch;
  }

  get head(): number {
    return this.#entries.length;
  }

  get entries(): readonly LoggedEntry[] {
    return this.#entries;
  }

  /** The seats that are kept, by key. */
  get seats(): ReadonlyMap<string, Readonly<KeptSeat>> {
    return this.#seats;
  }

  get isQuiet(): boolean {
    return this.#uncommitted.length === 0 && this.#unanswered.length === 0;
  }

  append(entry: LogEntry, appending: Appending): void {
    if (this.throws && this.#takesFault("append")) throw new Error("append");
    this.#appended += 1;
    this.#uncommitted.push({ entry, appending });
  }

  /** Commits the first so many, together: all are in the log before anybody is told. */
  commit(count = this.#uncommitted.length): void {
    const told = this.#uncommitted.splice(0, count).map(({ entry, appending }) => {
      if (this.#takesFault("append")) return () => appending.onFailed(new Error("append"));
      const offset = this.head + 1;
      const timeMs = this.#host.wallTimeMs();
      this.#entries.push({ ...entry, offset, timeMs });
      return () => appending.onCommitted(offset, timeMs);
    });
    for (const tell of told) {
      tell();
      this.#settled += 1;
    }
    const waiting = this.#afterCommit;
    this.#afterCommit = [];
    for (const each of waiting) {
      if (each.count <= this.#settled) each.callback();
      else this.#afterCommit.push(each);
    }
  }

  /** Answers the questions at these places; what they wait for then goes on in the promises' turn. */
  answer(count = this.#unanswered.length): void {
    for (const answer of this.#unanswered.splice(0, count)) answer();
  }

  /** Answers the newest question first. */
  answerLast(): void {
    this.#unanswered.pop()?.();
  }

  /** Forgets entries. */
  drop(upTo: number): void {
    this.tail = Math.max(this.tail, Math.min(upTo, this.head));
  }

  read({ after, upTo, rooms, maxEntries, maxBytes }: LogQuery): Promise<LogPage> {
    const wanted = new Set(rooms);
    const read = (): LogPage => {
      const entries: LoggedEntry[] = [];
      let bytes = 0;
      for (const entry of this.#entries.slice(Math.max(after, this.tail), upTo)) {
        if (entry.rooms.length > 0 && !entry.rooms.some((room) => wanted.has(room))) continue;
        if (entries.length === maxEntries || (bytes >= maxBytes && entries.length > 0)) {
          return { entries, upTo: entries.at(-1)!.offset };
        }
        entries.push(entry);
        bytes += entry.body.length;
      }
      return { entries, upTo: Math.max(after, Math.min(upTo, this.head)) };
    };
    return this.#ask("read", read);
  }

  readLast(room: Room, count: number): Promise<readonly LoggedEntry[]> {
    return this.#ask("read", () => this.#entries.filter(({ rooms }) => rooms.includes(room)).slice(-count));
  }

  takeSeat(key: string): Promise<TakenSeat | undefined> {
    // Who has it may save nothing from now on, however long the answer takes.
    const seat = this.#seats.get(key);
    if (seat?.dueMs !== undefined && seat.dueMs <= this.#host.clock.now()) this.#seats.delete(key);
    const found = this.#seats.get(key);
    let taken: TakenSeat | undefined;
    if (found !== undefined) {
      found.dueMs = undefined;
      found.generation += 1;
      taken = { record: found.record, generation: found.generation };
    }
    return this.#ask("take", () => taken);
  }

  saveSeat(key: string, record: SeatRecord, generation: number): void {
    const seat = this.#seats.get(key);
    if (seat === undefined && generation === 1) {
      this.#seats.set(key, { record: copyOf(record), generation, dueMs: undefined });
    } else if (seat !== undefined && generation >= seat.generation) seat.record = copyOf(record);
  }

  vacateSeat(key: string, generation: number): void {
    const seat = this.#seats.get(key);
    if (seat === undefined || generation < seat.generation) return;
    seat.dueMs ??= this.#host.clock.now() + this.#host.seatLifetimeMs;
  }

  dropSeat(key: string, generation: number): void {
    const seat = this.#seats.get(key);
    if (seat !== undefined && generation >= seat.generation) this.#seats.delete(key);
  }

  whenCommitted(callback: () => void): void {
    if (this.#uncommitted.length === 0) callback();
    else this.#afterCommit.push({ count: this.#appended, callback });
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.commit();
  }

  #ask<Answer>(what: "read" | "take", answer: () => Answer): Promise<Answer> {
    if (this.throws && this.#takesFault(what)) throw new Error(what);
    return new Promise((resolve, reject) => {
      this.#unanswered.push(() => {
        if (this.#takesFault(what)) reject(new Error(what));
        else resolve(answer());
      });
    });
  }

  #takesFault(what: "append" | "read" | "take"): boolean {
    if (this.failing !== what) return false;
    this.failing = undefined;
    return true;
  }
}

/** What a disk would keep of it. */
function copyOf({ socketId, stays, since, data, confirmed, sequence }: SeatRecord): SeatRecord {
  return { socketId, stays: structuredClone(stays), since, data, confirmed, sequence };
}
