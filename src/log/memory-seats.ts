import type { Timer } from "../shared/clock.ts";
import type { LogHost, SeatRecord, TakenSeat } from "../sockets/log.ts";
import { Chain, type Link } from "./chain.ts";

/** The longest that a timer can wait, in milliseconds (25 days); what waits longer is looked at in between. */
const MAX_TIMER_MS = 2 ** 31 - 1;

class Seat implements Link<Seat> {
  older: Seat | undefined = undefined;
  newer: Seat | undefined = undefined;
  readonly key: string;
  record: SeatRecord;
  generation = 1;
  /** Until when it is kept, by the clock; undefined: somebody sits there. */
  dueMs: number | undefined = undefined;

  constructor(key: string, record: SeatRecord) {
    this.key = key;
    this.record = record;
  }
}

/** A seat as it is after a change. */
export interface SeatState {
  readonly record: SeatRecord;
  readonly generation: number;
  /** Until when it is kept, by the clock; undefined: somebody sits there. */
  readonly dueMs: number | undefined;
}

/** Seats in memory, with one timer for all that are empty. */
export class MemorySeats {
  readonly #host: LogHost;
  readonly #onChange: ((key: string, seat: SeatState | undefined) => void) | undefined;
  readonly #seats = new Map<string, Seat>();
  /** The one that has been empty for longest first. */
  readonly #vacant = new Chain<Seat>();
  #timer: Timer | undefined;

  /** `onChange` is told what a seat is now; undefined: forgotten. */
  constructor(host: LogHost, onChange?: (key: string, seat: SeatState | undefined) => void) {
    this.#host = host;
    this.#onChange = onChange;
  }

  /** Puts back what was there before a restart; the one that has been empty for longest comes first. */
  restore(key: string, record: SeatRecord, generation: number, dueMs: number): void {
    const seat = new Seat(key, record);
    seat.generation = generation;
    this.#seats.set(key, seat);
    this.#vacate(seat, dueMs);
  }

  take(key: string): TakenSeat | undefined {
    const seat = this.#seats.get(key);
    if (seat === undefined) return undefined;
    if (seat.dueMs !== undefined) {
      if (seat.dueMs <= this.#host.clock.now()) return undefined;
      this.#occupy(seat);
    }
    seat.generation++;
    this.#onChange?.(key, seat);
    return { record: seat.record, generation: seat.generation };
  }

  save(key: string, record: SeatRecord, generation: number): void {
    let seat = this.#seats.get(key);
    if (seat === undefined) {
      // One that was taken before has been dropped since: whoever had it does not bring it back.
      if (generation > 1) return;
      seat = new Seat(key, record);
      this.#seats.set(key, seat);
    } else {
      if (generation < seat.generation) return;
      seat.record = record;
    }
    this.#onChange?.(key, seat);
  }

  vacate(key: string, generation: number): void {
    const seat = this.#seats.get(key);
    if (seat === undefined || generation < seat.generation || seat.dueMs !== undefined) return;
    this.#vacate(seat, this.#host.clock.now() + this.#host.seatLifetimeMs);
    if (seat.dueMs !== undefined) this.#onChange?.(key, seat);
  }

  drop(key: string, generation: number): void {
    const seat = this.#seats.get(key);
    if (seat !== undefined && generation >= seat.generation) this.#forget(seat);
  }

  /** All that there are; those that are empty in the order of their time. */
  *entries(): Generator<[key: string, seat: SeatState]> {
    yield* this.#seats;
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#seats.clear();
  }

  #vacate(seat: Seat, dueMs: number): void {
    seat.dueMs = dueMs;
    this.#vacant.add(seat);
    while (this.#vacant.size > this.#host.maxVacantSeats) this.#forget(this.#vacant.oldest!);
    this.#schedule();
  }

  #occupy(seat: Seat): void {
    this.#vacant.remove(seat);
    seat.dueMs = undefined;
  }

  #forget(seat: Seat): void {
    if (seat.dueMs !== undefined) this.#occupy(seat);
    this.#seats.delete(seat.key);
    this.#onChange?.(seat.key, undefined);
  }

  #schedule(): void {
    const first = this.#vacant.oldest;
    if (this.#timer !== undefined || first === undefined) return;
    const { clock } = this.#host;
    const delayMs = Math.min(first.dueMs! - clock.now(), MAX_TIMER_MS);
    this.#timer = clock.setTimeout(() => this.#expire(), delayMs);
  }

  #expire(): void {
    this.#timer = undefined;
    const now = this.#host.clock.now();
    for (let seat = this.#vacant.oldest; seat !== undefined && seat.dueMs! <= now;) {
      this.#forget(seat);
      seat = this.#vacant.oldest;
    }
    this.#schedule();
  }
}
