import { PacketError } from "../../packets/index.ts";

/**
 * The other end of a client's outbox: which of its numbered events are under way, and up to which one all are done. It stays with the seat, over all
 * sessions.
 */
export class Inbound<Seat> {
  /** Where it is now: the client may come back while events of it are under way. */
  seat: Seat;
  readonly #window: number;
  #done: number;
  /** What must come next in this session. */
  #next: number;
  /** Behind what is done, and up to here, all have come; they are under way, but for those in one of the two sets. */
  #taken: number;
  /** Done, but for one before them. */
  readonly #doneEarly = new Set<number>();
  /** To come again. */
  readonly #dropped = new Set<number>();

  /** @param window how many may be under way at a time */
  constructor(seat: Seat, done: number, window: number) {
    this.seat = seat;
    this.#done = done;
    this.#next = done + 1;
    this.#taken = done;
    this.#window = window;
  }

  /** Up to here, all are done. */
  get done(): number {
    return this.#done;
  }

  /** Whether some are under way. */
  get isBusy(): boolean {
    return this.#taken - this.#done > this.#doneEarly.size + this.#dropped.size;
  }

  /** A session begins, in which the client goes on behind what is done. */
  begin(): void {
    this.#next = this.#done + 1;
  }

  /** Takes a number; false: its event is done, or under way. Throws `PacketError` for one that is not the next. */
  receive(sequence: number): boolean {
    if (sequence !== this.#next) {
      throw new PacketError(`Event ${this.#next} of the outbox was due, not ${sequence}.`);
    }
    this.#next += 1;
    if (sequence <= this.#taken) return this.#dropped.delete(sequence);
    if (sequence - this.#done > this.#window) {
      throw new PacketError(`More than ${this.#window} events of the outbox were under way.`);
    }
    this.#taken = sequence;
    return true;
  }

  /** The event of this number is done; said once of each. Returns whether {@link done} has moved. */
  finish(sequence: number): boolean {
    if (sequence !== this.#done + 1) {
      this.#doneEarly.add(sequence);
      return false;
    }
    this.#done = sequence;
    while (this.#doneEarly.size > 0 && this.#doneEarly.delete(this.#done + 1)) this.#done += 1;
    return true;
  }

  /** Nobody has handled the event of this number: the client will send it again. */
  drop(sequence: number): void {
    this.#dropped.add(sequence);
  }
}
