import type { DeliveryBreach, DeliveryVerdict } from "switchboard/testing";
import type { Board } from "./board.ts";

/** So many breaches are kept with who and what; all are counted. */
const MAX_BREACHES = 20;

/**
 * Checks values of which a newer one takes the place of an older one: each sender's own. Older ones may be left out; the newest must come, none comes twice, and none
 * after a newer one.
 */
export class LatestChecker {
  readonly #board: Board;
  readonly #readers: LatestReader[] = [];

  constructor(board: Board) {
    this.#board = board;
  }

  /** One who is told the values of these senders, from `first` on. */
  reader(name: string, first: number, count: number): LatestReader {
    const reader = new LatestReader(name, this.#board, first, count);
    this.#readers.push(reader);
    return reader;
  }

  /** Whether all have the newest of all. */
  get isComplete(): boolean {
    return this.#readers.every(({ isComplete }) => isComplete);
  }

  /** A verdict with all this in it. What was left out was not expected; a newest value that is missing is lost, or in flight to one that is away. */
  addTo(verdict: DeliveryVerdict): DeliveryVerdict {
    const sum = { ...verdict };
    const breaches: DeliveryBreach[] = [...verdict.breaches];
    for (const reader of this.#readers) reader.count(sum, breaches);
    return { ...sum, breaches: breaches.slice(0, MAX_BREACHES) };
  }

  /** How many values were taken by the server and not told to somebody, as newer ones came. */
  get leftOut(): number {
    return this.#readers.reduce((sum, { leftOut }) => sum + leftOut, 0);
  }
}

type Counts = { -readonly [Key in keyof DeliveryVerdict]: DeliveryVerdict[Key] };
type Kind = "doubled" | "reordered" | "invented";

/** What one client is told. */
export class LatestReader {
  readonly #name: string;
  readonly #board: Board;
  readonly #first: number;
  /** Of each sender the newest that came. */
  readonly #newest: Int32Array;
  readonly #counts: Record<Kind, number> = { doubled: 0, reordered: 0, invented: 0 };
  readonly #breaches: DeliveryBreach[] = [];
  #received = 0;
  /** Set it if it is away when all ends. */
  isAway = false;

  constructor(name: string, board: Board, first: number, count: number) {
    this.#name = name;
    this.#board = board;
    this.#first = first;
    this.#newest = new Int32Array(count);
  }

  receive(client: number, number: number): void {
    const at = client - this.#first;
    const before = this.#newest[at];
    if (before === undefined || !(number >= 1 && number <= this.#board.said(client))) {
      this.#breach("invented", client, number);
    } else if (number > before) {
      this.#newest[at] = number;
      this.#received += 1;
    } else this.#breach(number === before ? "doubled" : "reordered", client, number);
  }

  get isComplete(): boolean {
    return this.#newest.every((number, at) => number >= this.#board.published(this.#first + at));
  }

  get leftOut(): number {
    let taken = 0;
    for (let at = 0; at < this.#newest.length; at += 1) taken += this.#board.published(this.#first + at);
    return taken - this.#received;
  }

  /** Adds what is so now. */
  count(counts: Counts, breaches: DeliveryBreach[]): void {
    let missing = 0;
    for (const [at, number] of this.#newest.entries()) {
      const client = this.#first + at;
      const newest = this.#board.published(client);
      if (number >= newest) continue;
      missing += 1;
      if (!this.isAway) breaches.push(this.#describe("lost", client, newest));
    }
    counts.delivered += this.#received;
    counts.expected += this.#received + missing;
    counts[this.isAway ? "inFlight" : "lost"] += missing;
    for (const kind of ["doubled", "reordered", "invented"] as const) counts[kind] += this.#counts[kind];
    breaches.push(...this.#breaches);
  }

  #breach(kind: Kind, client: number, number: number): void {
    this.#counts[kind] += 1;
    if (this.#breaches.length < MAX_BREACHES) this.#breaches.push(this.#describe(kind, client, number));
  }

  #describe(kind: DeliveryBreach["kind"], client: number, number: number): DeliveryBreach {
    const stream = `the newest of ${client}`;
    return { kind, reader: this.#name, stream, from: number, to: number, atMs: performance.now() };
  }
}
