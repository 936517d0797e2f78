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

/** Seats in memory, with one timer for all that are empty. */
export class MemorySeats {
  readonly #host: LogHost;
  readonly #seats = new Map<string, Seat>();
  /** The one that has been empty for longest first. */
  readonly #vacant = new Chain<Seat>();
  #timer: Timer | undefined;

  constructor(host: LogHost) {
    this.#host = host;
  }

  take(key: string): TakenSeat | undefined {
    const seat = this.#seats.get(key);
    if (seat === undefined) return undefined;
    if (seat.dueMs !== undefined) {
      if (seat.dueMs <= this.#host.clock.now()) return undefined;
      this.#occupy(seat);
    }
    return { record: seat.record, generation: ++seat.generation };
  }

  save(key: string, record: SeatRecord, generation: number): void {
    const seat = this.#seats.get(key);
    if (seat === undefined) {
      // One that was taken before has been dropped since: whoever had it does not bring it back.
      if (generation === 1) this.#seats.set(key, new Seat(key, record));
    } else if (generation >= seat.generation) {
      seat.record = record;
    }
  }

  vacate(key: string, generation: number): void {
    const seat = this.#seats.get(key);
    if (seat === undefined || generation < seat.generation || seat.dueMs !== undefined) return;
    const { clock, seatLifetimeMs, maxVacantSeats } = this.#host;
    seat.dueMs = clock.now() + seatLifetimeMs;
    this.#vacant.add(seat);
    while (this.#vacant.size > maxVacantSeats) this.#forget(this.#vacant.oldest!);
    this.#schedule();
  }

  drop(key: string, generation: number): void {
    const seat = this.#seats.get(key);
    if (seat !== undefined && generation >= seat.generation) this.#forget(seat);
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#seats.clear();
  }

  #occupy(seat: Seat): void {
    this.#vacant.remove(seat);
    seat.dueMs = undefined;
  }

  #forget(seat: Seat): void {
    if (seat.dueMs !== undefined) this.#occupy(seat);
    this.#seats.delete(seat.key);
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
