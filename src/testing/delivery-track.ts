import type { DeliveryStream } from "./delivery-stream.ts";
import type { BreachKind } from "./delivery-verdict.ts";
import { MissingEvents, type MissingPiece } from "./missing-events.ts";

/** So many gaps in a row are told apart for one reader and stream while nothing comes; later ones count as the last of them. */
const MAX_OPEN_GAPS = 16;

/** A gap that was told while something may have been missing: it excuses what was sent before it. */
interface OpenGap {
  readonly upTo: number;
  readonly gap: number;
}

/** What a track tells its reader. */
export interface TrackSink {
  onBreach(kind: BreachKind, stream: DeliveryStream, from: number, to: number): void;
  /** A gap was needed. */
  onNeeded(gap: number): void;
  /** It has reached what it was to catch up with. */
  onReached(): void;
  now(): number;
}

/** What counts for good, or what is so at the end. */
export interface TrackCounts {
  expected: number;
  delivered: number;
  lost: number;
  excused: number;
  inFlight: number;
  silentGaps: number;
}

/** What one reader has got of one stream: a counter, and a little more for each thing that went wrong. */
export class DeliveryTrack {
  readonly stream: DeliveryStream;
  readonly #sink: TrackSink;
  #from: number;
  #to = Number.POSITIVE_INFINITY;
  readonly #first: number;
  /** Where the stay before this one has ended. What was sent between two older ones is not known any more: it counts as doubled if it comes. */
  #before = 0;
  /** One more than the highest that came, or was let go. */
  #next: number;
  /** What counts for good: of stays that are over, and of what is no longer kept. */
  readonly #settled = { lost: 0, excused: 0, silentGaps: 0 };
  #delivered = 0;
  #places = 0;
  #settledPlace: number | undefined;
  #missing: MissingEvents | undefined;
  #gaps: OpenGap[] | undefined;
  /** What is to be reached, 0 for nothing. */
  #goal = 0;

  constructor(stream: DeliveryStream, from: number, sink: TrackSink) {
    this.stream = stream;
    this.#sink = sink;
    this.#first = from;
    this.#from = from;
    this.#next = from;
  }

  receive(number: number): void {
    if (number === this.#next && number <= this.stream.sent && number <= this.#to) {
      this.#next += 1;
      this.#delivered += 1;
      this.#advanced();
    } else this.#receiveOdd(number);
  }

  /** Another stay: what was sent in between is not for this reader. */
  rejoin(from: number): void {
    if (this.#to === Number.POSITIVE_INFINITY) throw new Error("The reader is in this stream already.");
    if (from <= this.#to) throw new RangeError(`A reader that left at ${this.#to} can't join at ${from}.`);
    if (this.#to > this.stream.sent) {
      throw new RangeError(`A reader that leaves at ${this.#to} can't join again at ${this.stream.sent}.`);
    }
    if (this.#next <= this.#to) this.#skip(this.#to, false);
    this.#before = this.#to;
    this.#gaps = undefined;
    this.#from = from;
    this.#next = from;
    this.#to = Number.POSITIVE_INFINITY;
  }

  /** Entitled to nothing that is sent after this number. */
  leave(to: number): void {
    this.#to = Math.max(to, this.#next - 1, this.#from - 1);
  }

  /** A gap was told: it excuses what was sent before and has not come. */
  tell(gap: number): void {
    if (this.#missing?.tell() === true) this.#sink.onNeeded(gap);
    const upTo = Math.min(this.stream.sent, this.#to);
    const last = this.#gaps?.at(-1);
    if (upTo >= this.#next && upTo > (last?.upTo ?? 0)) {
      this.#gaps ??= [];
      if (last !== undefined && this.#gaps.length >= MAX_OPEN_GAPS) {
        this.#gaps[this.#gaps.length - 1] = { upTo, gap: last.gap };
      } else this.#gaps.push({ upTo, gap });
    }
    if (this.#goal > 0 && upTo >= this.#goal) this.#reach();
  }

  /** From now on it has a goal: all that has been sent, but what a gap has told of. Returns whether it is there already. */
  aim(): boolean {
    this.#goal = Math.min(this.stream.published, this.#to);
    if (this.#next > this.#goal || (this.#gaps?.at(-1)?.upTo ?? 0) >= this.#goal) this.#goal = 0;
    return this.#goal === 0;
  }

  /** What is so now; needs nothing to have ended. `onMissing` is told of what is missing and of gaps that are needed. */
  count(
    counts: TrackCounts,
    isAway: boolean,
    onMissing: (kind: BreachKind, from: number, to: number, atMs: number) => void,
    onNeeded: (gap: number) => void,
  ): void {
    const end = Math.min(this.stream.sent, this.#to);
    let { lost, excused, silentGaps } = this.#settled;
    const places = new Set([this.#settledPlace]);
    for (const { from, to, isTold, silentPlace, atMs } of this.#missing?.pieces ?? []) {
      const missing = this.stream.countSent(from, to);
      if (missing === 0) continue;
      if (isTold) excused += missing;
      else {
        lost += missing;
        onMissing("lost", from, to, atMs);
      }
      if (silentPlace === undefined || places.has(silentPlace)) continue;
      places.add(silentPlace);
      silentGaps += 1;
      onMissing("silentGaps", from, to, atMs);
    }
    let at = this.#next;
    for (const { upTo, gap } of this.#gaps ?? []) {
      if (upTo < at || at > end) continue;
      const missing = this.stream.countSent(at, Math.min(upTo, end));
      if (missing > 0) onNeeded(gap);
      excused += missing;
      at = upTo + 1;
    }
    const rest = at > end ? 0 : this.stream.countSent(at, end);
    if (rest > 0 && !isAway) onMissing("lost", at, end, this.#sink.now());
    if (!isAway) lost += rest;
    counts.inFlight += isAway ? rest : 0;
    counts.delivered += this.#delivered;
    counts.lost += lost;
    counts.excused += excused;
    counts.silentGaps += silentGaps;
    counts.expected += this.#delivered + lost + excused + (isAway ? rest : 0);
  }

  #receiveOdd(number: number): void {
    const isMeant = number >= 1 && number <= Math.min(this.stream.sent, this.#to);
    if (!isMeant || !Number.isInteger(number)) return this.#breach("invented", number);
    if (number >= this.#next) {
      if (number > this.#next) this.#skip(number - 1, true);
      this.#next = number + 1;
      this.#delivered += 1;
      this.#advanced();
    } else if (this.#missing?.take(number) === true) {
      this.#delivered += 1;
      this.#breach("reordered", number);
    } else {
      const isAbsent = number < this.#first || (number > this.#before && number < this.#from);
      this.#breach(isAbsent ? "invented" : "doubled", number);
    }
  }

  /** All up to this number did not come: what a gap has told of is excused. `isPlace`: something later came instead. */
  #skip(to: number, isPlace: boolean): void {
    const atMs = this.#sink.now();
    this.#missing ??= new MissingEvents((piece) => this.#settle(piece));
    let from = this.#next;
    for (const { upTo, gap } of this.#gaps ?? []) {
      if (upTo < from || from > to) continue;
      this.#sink.onNeeded(gap);
      const end = Math.min(upTo, to);
      this.#missing.add({ from, to: end, isTold: true, silentPlace: undefined, atMs });
      from = end + 1;
    }
    this.#next = to + 1;
    if (from > to) return;
    if (isPlace) this.#places += 1;
    this.#missing.add({ from, to, isTold: false, silentPlace: isPlace ? this.#places : undefined, atMs });
  }

  #advanced(): void {
    if (this.#gaps !== undefined) {
      const open = this.#gaps.filter(({ upTo }) => upTo >= this.#next);
      this.#gaps = open.length === 0 ? undefined : open;
    }
    if (this.#goal > 0 && this.#next > this.#goal) this.#reach();
  }

  #reach(): void {
    this.#goal = 0;
    this.#sink.onReached();
  }

  #settle({ from, to, isTold, silentPlace }: MissingPiece): void {
    const missing = this.stream.countSent(from, to);
    if (missing === 0) return;
    this.#settled[isTold ? "excused" : "lost"] += missing;
    if (!isTold) this.#sink.onBreach("lost", this.stream, from, to);
    if (silentPlace === undefined || silentPlace === this.#settledPlace) return;
    this.#settledPlace = silentPlace;
    this.#settled.silentGaps += 1;
    this.#sink.onBreach("silentGaps", this.stream, from, to);
  }

  #breach(kind: BreachKind, number: number): void {
    this.#sink.onBreach(kind, this.stream, number, number);
  }
}
