import type { Log, LogEntry, LoggedEntry, LogHost, LogQuery, SeatRecord } from "switchboard";
import { same } from "./expect.ts";
import { FakeClock } from "./fake-clock.ts";
import { seeded } from "./seeded.ts";

/** How long an empty seat is kept in the suite. */
export const LIFETIME_MS = 60_000;
/** How many. */
export const MAX_VACANT = 20;
/** And what they take. */
export const MAX_VACANT_BYTES = 1_048_576;
/** When the suite begins: some day in 2024. */
const START_MS = 1_717_171_717_171;

/** What a log of the suite is made with. What it fails at without anybody waiting is in `errors`. */
export class LogTestHost implements LogHost {
  readonly clock: FakeClock = new FakeClock();
  readonly seatLifetimeMs: number = LIFETIME_MS;
  readonly maxVacantSeats: number = MAX_VACANT;
  readonly maxVacantSeatBytes: number = MAX_VACANT_BYTES;
  readonly errors: unknown[] = [];
  readonly random: LogHost["random"];

  constructor(seed = 1) {
    const fraction = seeded(seed);
    this.random = {
      fraction,
      bytes: (length) => Uint8Array.from({ length }, () => Math.floor(fraction() * 256)),
    };
  }

  wallTimeMs(): number {
    return START_MS + this.clock.now();
  }

  onError(error: unknown): void {
    this.errors.push(error);
  }
}

/** What a test appends: the rest is as usual. */
export type EntryPart = Partial<LogEntry>;

/** An entry whose body says what it is. */
export function entryOf(name: string, part: EntryPart = {}): LogEntry {
  return {
    type: "event",
    id: undefined,
    rooms: [],
    except: [],
    body: `["${name}"]`,
    attachments: [],
    ...part,
  };
}

/** A seat whose sequence says which it is. */
export function seatOf(sequence: number, part: Partial<SeatRecord> = {}): SeatRecord {
  return {
    socketId: "socket-id",
    stays: [{ room: "a", after: 0, upTo: undefined }],
    data: undefined,
    since: 0,
    confirmed: 0,
    sequence,
    ...part,
  };
}

/** A log, and all that was told as committed by it. */
export class LogBench {
  readonly log: Log;
  readonly host: LogTestHost;
  /** In the order in which it was told. */
  readonly committed: LoggedEntry[];
  #pending = 0;
  #onIdle: (() => void) | undefined;
  #failure: unknown;

  constructor(log: Log, host: LogTestHost, committed: LoggedEntry[] = []) {
    this.log = log;
    this.host = host;
    this.committed = committed;
  }

  /** Appends, and notes what becomes of it. */
  append(entry: LogEntry): void {
    this.#pending++;
    this.log.append(entry, {
      onCommitted: (offset, timeMs) => {
        this.committed.push({ ...entry, offset, timeMs });
        this.#settle();
      },
      onFailed: (error) => {
        this.#failure ??= error;
        this.#settle();
      },
    });
  }

  /** Appends several, and waits until they are committed. */
  async appendAll(...entries: LogEntry[]): Promise<void> {
    for (const entry of entries) this.append(entry);
    await this.settled();
  }

  /** Waits until all that was appended is committed. Throws if something failed. */
  async settled(): Promise<void> {
    if (this.#pending > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
    if (this.#failure !== undefined) throw new Error("Something was not kept.", { cause: this.#failure });
  }

  /** All pages of what is asked for, each checked; the first begins behind `after`. */
  async readAll(query: Partial<LogQuery> = {}): Promise<LoggedEntry[]> {
    const whole: LogQuery = {
      after: 0,
      upTo: Infinity,
      rooms: [],
      maxEntries: 1000,
      maxBytes: 1e9,
      ...query,
    };
    const found: LoggedEntry[] = [];
    for (let after = whole.after; ;) {
      const end = Math.min(whole.upTo, this.log.head);
      const page = await this.log.read({ ...whole, after });
      same(page.entries.length <= whole.maxEntries, true, "page's length, whether it is within maxEntries");
      for (const { offset } of page.entries) {
        const isInside = offset > after && offset <= page.upTo;
        same(isInside, true, `place of ${offset}, whether it is behind ${after} and up to ${page.upTo}`);
      }
      found.push(...page.entries);
      if (page.upTo >= end) return found;
      same(page.upTo > after, true, "page's end, whether it is behind its beginning");
      after = page.upTo;
    }
  }

  /** Checks that a reader gets everything it should behind `tail`, and else nothing that it should not. */
  async checkRead(query: Partial<LogQuery> = {}): Promise<void> {
    const { after = 0, upTo = Infinity } = query;
    const rooms = new Set(query.rooms);
    const isWanted = (entry: LoggedEntry): boolean =>
      entry.offset > after &&
      entry.offset <= upTo &&
      (entry.rooms.length === 0 || entry.rooms.some((room) => rooms.has(room)));
    // What is read may move the tail; what is committed meanwhile may be found or not.
    const known = this.committed.length;
    const found = await this.readAll(query);
    const { tail } = this.log;
    const expected = this.committed.slice(0, known).filter(isWanted);
    const offsets = new Set(found.map(({ offset }) => offset));
    const sure = expected.filter(({ offset }) => offset > tail || offsets.has(offset));
    const inTime = found.filter(({ offset }) => offset <= (expected.at(-1)?.offset ?? 0));
    sameEntries(inTime, sure);
  }

  #settle(): void {
    this.#pending--;
    if (this.#pending > 0) return;
    this.#onIdle?.();
    this.#onIdle = undefined;
  }
}

/** Throws unless the two are the same, field by field. */
export function sameEntries(actual: readonly LoggedEntry[], expected: readonly LoggedEntry[]): void {
  same(actual.map(fields), expected.map(fields), "list of entries");
}

function fields(entry: LoggedEntry): unknown[] {
  const { offset, timeMs, type, id, rooms, except, body, attachments } = entry;
  return [offset, timeMs, type, id, rooms, except, body, attachments.map((bytes) => [...bytes])];
}
