import type { Member } from "../adapter.ts";
import type { Log, TakenSeat } from "../log.ts";
import type { Inbound } from "./inbound.ts";
import type { Claim } from "./resume.ts";
import { Seat } from "./seat.ts";

/** A socket as delivery knows it: one that holds a seat. */
export interface SeatHolder extends Pick<Member, "id" | "deliverLogged" | "seatKey"> {
  /** Tells the client that something was for it that is not kept. */
  tellLoss(): void;
  /** Tells the client up to which number the events of its outbox are done. */
  sendDone(sequence: number): void;
  /** Another connection has taken the seat: this one is over. */
  supersede(): void;
}

/** What came of a claim. */
export interface Resumption {
  /** The seat, which is taken now; undefined: it is no more, or what was missed is no more. */
  readonly seat: Seat | undefined;
  /** What is behind it was missed. */
  readonly offset: number | undefined;
  /** The seat that it had, if it is known, though there was a gap. */
  readonly before: Seat | undefined;
  /** Whether the client has never had a seat. */
  readonly isFirst: boolean;
}

/** For a client that comes for the first time. */
export const NOTHING_TO_RESUME: Resumption = {
  seat: undefined,
  offset: undefined,
  before: undefined,
  isFirst: true,
};
const UNKNOWN: Resumption = { ...NOTHING_TO_RESUME, isFirst: false };

/** Who sits where in a namespace, by the seat's key; the log keeps the seats, also of those who are away. */
export class Seats {
  readonly #log: Log;
  readonly #reached: () => number;
  readonly #knownFrom: () => number;
  readonly #onError: (error: unknown) => void;
  readonly #held = new Map<string, { readonly seat: Seat; readonly holder: SeatHolder }>();
  /** Events of outboxes that are under way though nobody sits there: whoever comes back goes on with them. */
  readonly #busy = new Map<string, Inbound<Seat>>();

  /**
   * @param reached up to which offset all was sent to those who are live
   * @param knownFrom whoever has nothing from this offset on has missed what is not known any more
   * @param onError the log can't say whether there is a seat
   */
  constructor(log: Log, reached: () => number, knownFrom: () => number, onError: (error: unknown) => void) {
    this.#log = log;
    this.#reached = reached;
    this.#knownFrom = knownFrom;
    this.#onError = onError;
  }

  get(key: string): { readonly seat: Seat; readonly holder: SeatHolder } | undefined {
    return this.#held.get(key);
  }

  isHolder({ key }: Seat, holder: SeatHolder): boolean {
    return this.#held.get(key)?.holder === holder;
  }

  hold(seat: Seat, holder: SeatHolder): void {
    this.#held.set(seat.key, { seat, holder });
  }

  /** Its holder, if it is that, sits there no more. */
  rise(seat: Seat, holder: SeatHolder): boolean {
    if (!this.isHolder(seat, holder)) return false;
    this.#held.delete(seat.key);
    return true;
  }

  /** Whoever sits there is out. */
  evict(key: string): void {
    this.#held.get(key)?.holder.supersede();
  }

  /** Finds what a client claims, and takes it from whoever holds it: calls back once, at once or later. */
  take(claim: Claim, taken: (resumption: Resumption) => void): void {
    const found = this.#find(claim.key);
    if (found instanceof Promise) found.then((seat) => taken(this.#resume(claim, seat))).catch(this.#onError);
    else taken(this.#resume(claim, found));
  }

  save(seat: Seat): void {
    // A handler may end long after its client: a log takes what it does not know for a new seat.
    if (!seat.isDropped) this.#log.saveSeat(seat.key, seat, seat.generation);
  }

  saveIfHeld(seat: Seat): void {
    if (this.#held.get(seat.key)?.seat === seat) this.save(seat);
  }

  /** Its client may come back, for a time. */
  vacate(seat: Seat): void {
    const { inbound } = seat;
    // Another seat may have gone on with them.
    if (inbound?.isBusy === true && inbound.seat === seat) this.#busy.set(seat.key, inbound);
    this.save(seat);
    this.#log.vacateSeat(seat.key, seat.generation);
  }

  /** Its client will not come back. */
  drop(seat: Seat): void {
    seat.isDropped = true;
    this.#log.dropSeat(seat.key, seat.generation);
  }

  /** An event of an outbox is handled; `hasMoved`: and so are all before it, which is to be kept. */
  onHandled(inbound: Inbound<Seat>, hasMoved: boolean): void {
    const { seat } = inbound;
    if (this.#busy.size > 0 && !inbound.isBusy) this.#busy.delete(seat.key);
    if (!hasMoved) return;
    this.save(seat);
    // One whose time is over has just been kept anew: it must not stay for ever.
    if (!this.#held.has(seat.key) && !seat.isDropped) this.#log.vacateSeat(seat.key, seat.generation);
  }

  /** Undefined if the log can't say. */
  #find(key: string): TakenSeat | undefined | Promise<TakenSeat | undefined> {
    const fail = (error: unknown): undefined => void this.#onError(error);
    try {
      const found = this.#log.takeSeat(key);
      return found instanceof Promise ? found.catch(fail) : found;
    } catch (error) {
      return fail(error);
    }
  }

  #resume({ key, position }: Claim, taken: TakenSeat | undefined): Resumption {
    if (taken === undefined) return UNKNOWN;
    const rival = this.#held.get(key);
    if (rival !== undefined) {
      // Both have come while the log was looking for the seat: who has asked last has it.
      if (rival.seat.generation > taken.generation) return UNKNOWN;
      rival.holder.supersede();
    }
    const seat = Seat.of(key, taken);
    seat.adopt(this.#busy.get(key));
    this.#busy.delete(key);
    const { epoch } = this.#log;
    // One that was never told of an offset has what it had when it joined, or what is confirmed since.
    const from = Math.max(position?.offset ?? 0, seat.confirmed);
    const isSame = (position === undefined || position.epoch === epoch) && from <= this.#reached();
    if (isSame && from >= seat.since && from >= this.#knownFrom()) return { ...UNKNOWN, seat, offset: from };
    // Not dropped: if the client does not get the answer, it asks by this key once more, and its numbers must still be known.
    this.#log.vacateSeat(key, seat.generation);
    return { ...UNKNOWN, before: seat };
  }
}
