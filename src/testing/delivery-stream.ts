/** What is known of a stream whose sender counts elsewhere, such as in another thread. Everything is asked again and again. */
export interface DeliverySource {
  /** The highest number that was sent. */
  sent(): number;
  /** Up to here it can have reached readers: what one that is back must catch up with. Default: all that was sent. */
  published?(): number;
  /**
   * Whether a number was sent at all: asked only of those that did not come. For a relay, which can't pass on what never reached it. Default:
   * all were.
   */
  wasSent?(number: number): boolean;
}

/** What one sender sends to one audience, such as one client into one room: events with numbers that count up from 1. */
export class DeliveryStream {
  readonly name: string;
  readonly #source: DeliverySource | undefined;
  #sent = 0;

  /** Made by {@link DeliveryChecker.stream}. */
  constructor(name: string, source?: DeliverySource) {
    this.name = name;
    this.#source = source;
  }

  /** The highest number that was sent; 0 before the first. */
  get sent(): number {
    return this.#source === undefined ? this.#sent : this.#source.sent();
  }

  /** Up to here it can have reached readers. */
  get published(): number {
    return this.#source?.published?.() ?? this.sent;
  }

  /** How many of these were sent; both ends included. */
  countSent(from: number, to: number): number {
    const source = this.#source;
    if (source?.wasSent === undefined) return to - from + 1;
    let count = 0;
    for (let number = from; number <= to; number += 1) if (source.wasSent(number)) count += 1;
    return count;
  }

  /** The number of the next event, which counts as sent now: send it at once. */
  next(): number {
    this.sentUpTo(this.sent + 1);
    return this.#sent;
  }

  /** All numbers up to this one are sent. A number that is known already changes nothing. */
  sentUpTo(number: number): void {
    if (this.#source !== undefined) throw new Error(`"${this.name}" is counted elsewhere.`);
    if (!Number.isInteger(number) || number < 0) throw new RangeError(`${number} is no number of an event.`);
    this.#sent = Math.max(this.#sent, number);
  }
}
