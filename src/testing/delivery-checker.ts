import type { Clock } from "switchboard";
import { DeliveryReader, type ReaderCounts } from "./delivery-reader.ts";
import { type DeliverySource, DeliveryStream } from "./delivery-stream.ts";
import type { BreachKind, DeliveryBreach, DeliveryVerdict } from "./delivery-verdict.ts";
import { LatencyHistogram } from "./latency-histogram.ts";
import { machineClock } from "./machine-clock.ts";

/** What a {@link DeliveryChecker} may be told. */
export interface DeliveryCheckerOptions {
  /** Says when something went wrong, and how long it took to catch up. Default: the machine's. */
  readonly clock?: Clock;
  /** So many breaches are kept with who, what and when; all are counted. Default 20. */
  readonly maxBreaches?: number;
}

const DEFAULT_MAX_BREACHES = 20;

/**
 * Knows what was sent and what was received, and says what was lost, doubled, reordered or invented, and where a reader was not told that something
 * is missing. It must hear of an event's sending before it hears of its coming. It keeps counters for each reader and stream and nothing for an event, so that
 * hundreds of millions can be checked.
 *
 * @example
 * const checker = new DeliveryChecker();
 * const said = checker.stream("Ada in the lobby");
 * const grace = checker.reader("Grace");
 * grace.join(said);
 * ada.emit("say", said.next());
 * socketOfGrace.on("said", (number) => grace.receive(said, number));
 * // … later
 * console.log(printVerdict(checker.verdict()));
 */
export class DeliveryChecker {
  readonly #clock: Clock;
  readonly #maxBreaches: number;
  readonly #streams = new Map<string, DeliveryStream>();
  readonly #readers = new Map<string, DeliveryReader>();
  readonly #breaches: DeliveryBreach[] = [];
  readonly #counts = { doubled: 0, reordered: 0, invented: 0 };
  readonly #catchUp = new LatencyHistogram();

  constructor({ clock = machineClock, maxBreaches = DEFAULT_MAX_BREACHES }: DeliveryCheckerOptions = {}) {
    this.#clock = clock;
    this.#maxBreaches = maxBreaches;
  }

  /**
   * The stream of that name, made at the first call. With a source, which must be given then, it asks there what was sent: for a sender in
   * another thread, with numbers in memory that both share.
   */
  stream(name: string, source?: DeliverySource): DeliveryStream {
    let stream = this.#streams.get(name);
    if (stream === undefined) {
      stream = new DeliveryStream(name, source);
      this.#streams.set(name, stream);
    }
    return stream;
  }

  /** The reader of that name, made at the first call. */
  reader(name: string): DeliveryReader {
    let reader = this.#readers.get(name);
    if (reader === undefined) {
      reader = new DeliveryReader(name, {
        onBreach: (kind, reader, stream, from, to) => this.#receiveBreach(kind, reader, stream, from, to),
        onCaughtUp: (ms) => this.#catchUp.add(ms),
        now: () => this.#clock.now(),
      });
      this.#readers.set(name, reader);
    }
    return reader;
  }

  /** Whether every reader has all that it is entitled to, but for what a gap has told of. */
  get isComplete(): boolean {
    for (const reader of this.#readers.values()) if (!reader.isComplete) return false;
    return true;
  }

  /** What is so now. What is under way counts as lost, unless its reader is away: ask when all is quiet. */
  verdict(): DeliveryVerdict {
    const breaches = [...this.#breaches];
    const all: ReaderCounts[] = [];
    for (const reader of this.#readers.values()) {
      const counts = reader.count((kind, stream, from, to, atMs) => {
        this.#keep(breaches, { kind, reader: reader.name, stream: stream.name, from, to, atMs });
      });
      all.push(counts);
    }
    const sum = (key: keyof ReaderCounts): number => all.reduce((total, counts) => total + counts[key], 0);
    return {
      sent: [...this.#streams.values()].reduce((total, { sent }) => total + sent, 0),
      expected: sum("expected"),
      delivered: sum("delivered"),
      lost: sum("lost"),
      ...this.#counts,
      silentGaps: sum("silentGaps"),
      excused: sum("excused"),
      inFlight: sum("inFlight"),
      gaps: sum("gaps"),
      needlessGaps: sum("needlessGaps"),
      catchUp: this.#catchUp.counts,
      neverCaughtUp: sum("neverCaughtUp"),
      breaches: breaches.toSorted((one, other) => one.atMs - other.atMs),
    };
  }

  #receiveBreach(kind: BreachKind, reader: string, stream: DeliveryStream, from: number, to: number): void {
    if (kind === "doubled" || kind === "reordered" || kind === "invented") this.#counts[kind] += 1;
    this.#keep(this.#breaches, { kind, reader, stream: stream.name, from, to, atMs: this.#clock.now() });
  }

  #keep(breaches: DeliveryBreach[], breach: DeliveryBreach): void {
    if (breaches.length < this.#maxBreaches) breaches.push(breach);
  }
}
