import type { Appending, LogEntry, LogHost } from "../sockets/log.ts";
import type { ByteBudget } from "./byte-budget.ts";
import { type DiskSeat, placeOf } from "./disk-format.ts";
import type { DiskSeats } from "./disk-seats.ts";
import { KeptEntries } from "./kept-entries.ts";

/** What a store knows of a namespace, whether its log is open or not. */
export class DiskNamespace {
  readonly name: string;
  readonly place: string;
  /** Undefined: there is none yet, or history was lost. */
  epoch: string | undefined;
  /** The newest committed offset. */
  head: number;
  /** Everything behind it is on disk. */
  tail: number;
  /** The newest entries; everything behind its own tail is in memory. */
  kept: KeptEntries;
  /** What was found when the store was opened, until the first log of any namespace is. */
  found: Map<string, DiskSeat> = new Map<string, DiskSeat>();
  /** From then on. Also while its own log is closed: they end all the same. */
  seats: DiskSeats | undefined = undefined;
  /** Whose log is open. */
  host: LogHost | undefined = undefined;
  readonly #budget: ByteBudget;

  constructor(name: string, budget: ByteBudget, head = 0) {
    this.name = name;
    this.place = placeOf(name);
    this.#budget = budget;
    this.head = head;
    this.tail = head;
    this.kept = this.#keepFrom(head);
  }

  /** Nobody has its log open, and nothing is behind its name: no seat, and of what was sent at most the history of rooms. */
  get isUnused(): boolean {
    const hasSeats = this.found.size > 0 || this.seats?.isEmpty === false;
    return this.host === undefined && this.head === this.tail && !hasSeats;
  }

  /** Forgets what is in memory; what comes next there is behind `tail`. */
  restart(tail: number): void {
    this.kept.clear();
    this.kept = this.#keepFrom(tail);
  }

  /** Takes in what was committed, one by one: the head is never before what is told. */
  take({ entries, timesMs, appendings }: Part): void {
    for (const [index, entry] of entries.entries()) {
      this.kept.push(entry, timesMs[index]!);
      this.head++;
      try {
        appendings[index]!.onCommitted(this.head, timesMs[index]!);
      } catch (error) {
        this.host?.onError(error);
      }
    }
  }

  /** What is up to `tail` is gone. */
  forget(tail: number): void {
    this.tail = Math.max(this.tail, tail);
    while (this.kept.tail < tail && this.kept.oldest !== undefined) this.kept.shift();
  }

  #keepFrom(tail: number): KeptEntries {
    return new KeptEntries(tail, { maxEntries: Infinity, maxBytes: Infinity }, this.#budget);
  }
}

/** What one namespace has in a commit. */
export interface Part {
  readonly entries: LogEntry[];
  readonly timesMs: number[];
  readonly appendings: Appending[];
}
