import type { Room } from "../sockets/room.ts";
import type { LogEntry, LoggedEntry, LogPage, LogQuery } from "../sockets/log.ts";
import type { ByteBudget, Holding } from "./byte-budget.ts";
import { Queue } from "./queue.ts";
import { RoomIndex } from "./room-index.ts";

/** What an entry costs beside its texts and bytes, and each of its rooms: what is measured, rounded up. */
const ENTRY_BYTES = 256;
const ROOM_BYTES = 64;

/** An entry in memory. */
export class KeptEntry implements LoggedEntry, Holding {
  older: Holding | undefined = undefined;
  newer: Holding | undefined = undefined;
  readonly type: LogEntry["type"];
  readonly id: number | undefined;
  readonly rooms: readonly Room[];
  readonly except: readonly Room[];
  readonly body: string;
  readonly attachments: readonly Uint8Array[];
  readonly offset: number;
  readonly timeMs: number;
  readonly bytes: number;
  readonly #home: KeptEntries;

  constructor(home: KeptEntries, entry: LogEntry, offset: number, timeMs: number) {
    this.type = entry.type;
    this.id = entry.id;
    this.rooms = entry.rooms;
    this.except = entry.except;
    this.body = entry.body;
    this.attachments = entry.attachments;
    this.offset = offset;
    this.timeMs = timeMs;
    this.bytes = memoryOf(entry);
    this.#home = home;
  }

  evict(): void {
    this.#home.shift();
  }
}

/** What is kept at most, of one namespace. */
export interface KeptLimits {
  readonly maxEntries: number;
  readonly maxBytes: number;
}

/**
 * The newest entries of one namespace, in memory, with an index from rooms to them. They go in the order in which they came: when they are too
 * many, when others need the budget that all namespaces share, or when their owner says so.
 */
export class KeptEntries {
  readonly #limits: KeptLimits;
  readonly #budget: ByteBudget;
  readonly #onEvicted: (entry: KeptEntry) => void;
  readonly #entries = new Queue<KeptEntry>();
  readonly #index = new RoomIndex();
  #bytes = 0;
  #tail: number;

  /** The first entry will have the offset behind `tail`. `onEvicted` is told of each that goes, when it has gone. */
  constructor(
    tail: number,
    limits: KeptLimits,
    budget: ByteBudget,
    onEvicted: (entry: KeptEntry) => void = () => {},
  ) {
    this.#tail = tail;
    this.#limits = limits;
    this.#budget = budget;
    this.#onEvicted = onEvicted;
  }

  /** Everything behind this offset is here. */
  get tail(): number {
    return this.#tail;
  }

  /** The newest offset. */
  get head(): number {
    return this.#tail + this.#entries.length;
  }

  get oldest(): KeptEntry | undefined {
    return this.#entries.first;
  }

  /** How many rooms have entries. */
  get roomCount(): number {
    return this.#index.roomCount;
  }

  /** Keeps the entry behind `head`. */
  push(entry: LogEntry, timeMs: number): void {
    const kept = new KeptEntry(this, entry, this.head + 1, timeMs);
    this.#entries.push(kept);
    this.#index.add(kept.offset, kept.rooms);
    this.#bytes += kept.bytes;
    this.#budget.add(kept);
    while (this.#entries.length > this.#limits.maxEntries || this.#bytes > this.#limits.maxBytes)
      this.shift();
  }

  /** Lets go of the oldest. */
  shift(): void {
    const entry = this.#entries.shift();
    if (entry === undefined) return;
    this.#tail = entry.offset;
    this.#index.removeFirst(entry.offset, entry.rooms);
    this.#bytes -= entry.bytes;
    this.#budget.remove(entry);
    this.#onEvicted(entry);
  }

  clear(): void {
    while (this.#entries.length > 0) this.shift();
  }

  /** As `read` of a log. */
  read({ after, upTo, rooms, maxEntries, maxBytes }: LogQuery): LogPage {
    const end = Math.min(upTo, this.head);
    const entries: LoggedEntry[] = [];
    let bytes = 0;
    let isCut = false;
    this.#index.walk(after, rooms, (offset) => {
      if (offset > end) return false;
      isCut = entries.length > 0 && (entries.length >= maxEntries || bytes >= maxBytes);
      if (isCut) return false;
      const entry = this.#at(offset);
      entries.push(entry);
      bytes += contentBytes(entry);
      return true;
    });
    return { entries, upTo: isCut ? entries.at(-1)!.offset : Math.max(after, end) };
  }

  /** How many entries a room has. */
  count(room: Room): number {
    return this.#index.count(room);
  }

  /** The newest entries of a room, not more than `count`, in order. */
  last(room: Room, count: number): LoggedEntry[] {
    return this.#index.last(room, count).map((offset) => this.#at(offset));
  }

  #at(offset: number): KeptEntry {
    return this.#entries.at(offset - this.#tail - 1)!;
  }
}

/** What counts for a page: the body's characters, and the attachments' bytes. */
export function contentBytes({ body, attachments }: LogEntry): number {
  let bytes = body.length;
  for (const attachment of attachments) bytes += attachment.byteLength;
  return bytes;
}

/** What an entry takes in memory, at most: two bytes for a character. */
function memoryOf(entry: LogEntry): number {
  let bytes = ENTRY_BYTES + contentBytes(entry) + entry.body.length;
  for (const room of entry.rooms) bytes += ROOM_BYTES + 2 * room.length;
  for (const room of entry.except) bytes += ROOM_BYTES + 2 * room.length;
  return bytes;
}
