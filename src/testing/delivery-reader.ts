import { DeliveryTrack, type TrackCounts, type TrackSink } from "./delivery-track.ts";
import type { DeliveryStream } from "./delivery-stream.ts";
import type { BreachKind } from "./delivery-verdict.ts";

/** So many gaps of one reader, for which nothing was missing yet, are kept; the oldest of more count as needless. */
const MAX_OPEN_GAPS = 1000;

/** What a reader tells its checker. */
export interface ReaderSink {
  onBreach(kind: BreachKind, reader: string, stream: DeliveryStream, from: number, to: number): void;
  onCaughtUp(ms: number): void;
  now(): number;
}

/** Someone who receives: a client, or the server. Made by {@link DeliveryChecker.reader}. */
export class DeliveryReader {
  readonly name: string;
  /** Set it if the reader is away when all ends: what it misses at the end is then in flight, and not lost. */
  isAway = false;
  readonly #sink: ReaderSink;
  readonly #trackSink: TrackSink;
  readonly #tracks = new Map<DeliveryStream, DeliveryTrack>();
  readonly #openGaps = new Set<number>();
  #gaps = 0;
  /** Of those that are not kept any more. */
  #needlessGaps = 0;
  /** Since when it is back, and in how many streams it has not caught up. */
  #backMs = 0;
  #behind = 0;
  #neverCaughtUp = 0;

  constructor(name: string, sink: ReaderSink) {
    this.name = name;
    this.#sink = sink;
    this.#trackSink = {
      onBreach: (kind, stream, from, to) => sink.onBreach(kind, name, stream, from, to),
      onNeeded: (gap) => void this.#openGaps.delete(gap),
      onReached: () => this.#reached(),
      now: sink.now,
    };
  }

  /**
   * From this number on it is entitled to what is sent; by default to what is sent from now on. After {@link leave} it may join again.
   * Throws if it is in the stream already, joins before where it left, or before that was sent.
   */
  join(stream: DeliveryStream, from: number = stream.sent + 1): void {
    const track = this.#tracks.get(stream);
    if (track === undefined) this.#tracks.set(stream, new DeliveryTrack(stream, from, this.#trackSink));
    else track.rejoin(from);
  }

  /** It is entitled up to this number, and to nothing later; by default to what has been sent until now. */
  leave(stream: DeliveryStream, to: number = stream.sent): void {
    this.#trackOf(stream).leave(to);
  }

  /** An event came. One of a stream that the reader never joined counts as invented. */
  receive(stream: DeliveryStream, number: number): void {
    const track = this.#tracks.get(stream);
    if (track === undefined) this.#trackSink.onBreach("invented", stream, number, number);
    else track.receive(number);
  }

  /** It was told that something is missing: in one stream, or in any. That excuses what was sent before and has not come by now. */
  gap(stream?: DeliveryStream): void {
    this.#gaps += 1;
    this.#openGaps.add(this.#gaps);
    if (this.#openGaps.size > MAX_OPEN_GAPS) {
      this.#openGaps.delete(this.#openGaps.values().next().value!);
      this.#needlessGaps += 1;
    }
    if (stream !== undefined) this.#trackOf(stream).tell(this.#gaps);
    else for (const track of this.#tracks.values()) track.tell(this.#gaps);
  }

  /** It is back after it was away: the time starts in which it catches up with all that has been sent by now, in all streams. */
  back(): void {
    if (this.#behind > 0) this.#neverCaughtUp += 1;
    this.#backMs = this.#sink.now();
    this.#behind = 0;
    for (const track of this.#tracks.values()) if (!track.aim()) this.#behind += 1;
    if (this.#behind === 0) this.#sink.onCaughtUp(0);
  }

  /** Whether nothing is missing but what a gap has told of, and nothing is on its way. */
  get isComplete(): boolean {
    const counts = this.count(() => {});
    return counts.delivered + counts.excused === counts.expected;
  }

  /** What is so now, and what is missing. For the checker. */
  count(onMissing: MissingListener): ReaderCounts {
    const counts: TrackCounts = {
      expected: 0,
      delivered: 0,
      lost: 0,
      excused: 0,
      inFlight: 0,
      silentGaps: 0,
    };
    const needless = new Set(this.#openGaps);
    for (const track of this.#tracks.values()) {
      track.count(
        counts,
        this.isAway,
        (kind, from, to, atMs) => onMissing(kind, track.stream, from, to, atMs),
        (gap) => void needless.delete(gap),
      );
    }
    return {
      ...counts,
      gaps: this.#gaps,
      needlessGaps: this.#needlessGaps + needless.size,
      neverCaughtUp: this.#neverCaughtUp + Number(this.#behind > 0),
    };
  }

  #trackOf(stream: DeliveryStream): DeliveryTrack {
    const track = this.#tracks.get(stream);
    if (track === undefined) throw new Error(`"${this.name}" has not joined "${stream.name}".`);
    return track;
  }

  #reached(): void {
    this.#behind -= 1;
    if (this.#behind === 0) this.#sink.onCaughtUp(this.#sink.now() - this.#backMs);
  }
}

/** What a reader's tracks come to. */
export interface ReaderCounts extends Readonly<TrackCounts> {
  readonly gaps: number;
  readonly needlessGaps: number;
  readonly neverCaughtUp: number;
}

/** Told of what is missing. */
export type MissingListener = (
  kind: BreachKind,
  stream: DeliveryStream,
  from: number,
  to: number,
  atMs: number,
) => void;
