/** What one sender sends to one audience, such as one client into one room: events with numbers that count up from 1. */
export class DeliveryStream {
  readonly name: string;
  readonly #countElsewhere: (() => number) | undefined;
  #sent = 0;

  /** Made by {@link DeliveryChecker.stream}. */
  constructor(name: string, countElsewhere?: () => number) {
    this.name = name;
    this.#countElsewhere = countElsewhere;
  }

  /** The highest number that was sent; 0 before the first. */
  get sent(): number {
    return this.#countElsewhere === undefined ? this.#sent : this.#countElsewhere();
  }

  /** The number of the next event, which counts as sent now: send it at once. */
  next(): number {
    this.sentUpTo(this.sent + 1);
    return this.#sent;
  }

  /** All numbers up to this one are sent. A number that is known already changes nothing. */
  sentUpTo(number: number): void {
    if (this.#countElsewhere !== undefined) throw new Error(`"${this.name}" is counted elsewhere.`);
    if (!Number.isInteger(number) || number < 0) throw new RangeError(`${number} is no number of an event.`);
    this.#sent = Math.max(this.#sent, number);
  }
}
