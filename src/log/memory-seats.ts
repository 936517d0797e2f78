import type { LogHost, SeatRecord, TakenSeat } from "../sockets/log.ts";
import { seatBytes, type VacantSeat, type VacantSeats } from "./vacant-seats.ts";

class Seat implements VacantSeat {
  readonly key: string;
  record: SeatRecord;
  generation = 1;
  isVacant = false;
  /** Until when it is kept, by the clock, if nobody sits there. */
  dueMs = 0;
  bytes = 0;
  place = 0;
  order = 0;
  readonly #home: MemorySeats;

  constructor(home: MemorySeats, key: string, record: SeatRecord) {
    this.#home = home;
    this.key = key;
    this.record = record;
  }

  get host(): LogHost {
    return this.#home.host;
  }

  forget(): void {
    this.#home.forget(this.key);
  }
}

/** A seat as it is after a change. */
export interface SeatState {
  readonly record: SeatRecord;
  readonly generation: number;
  readonly isVacant: boolean;
  /** Until when it is kept, by the clock, if nobody sits there. */
  readonly dueMs: number;
}

/** Told what a seat is now; undefined: forgotten. `isNew`: it has just begun. */
export type SeatChanged = (key: string, seat: SeatState | undefined, isNew: boolean) => void;

/** The seats of one namespace, in memory; those that are empty are among those of all namespaces. */
export class MemorySeats {
  readonly host: LogHost;
  readonly #vacant: VacantSeats;
  readonly #onChange: SeatChanged | undefined;
  readonly #seats = new Map<string, Seat>();

  constructor(host: LogHost, vacant: VacantSeats, onChange?: SeatChanged) {
    this.host = host;
    this.#vacant = vacant;
    this.#onChange = onChange;
  }

  get isEmpty(): boolean {
    return this.#seats.size === 0;
  }

  /** Puts back one that is empty. */
  restore(key: string, record: SeatRecord, generation: number, dueMs: number): void {
    const seat = new Seat(this, key, record);
    seat.generation = generation;
    this.#seats.set(key, seat);
    this.#vacate(seat, dueMs);
  }

  take(key: string): TakenSeat | undefined {
    const seat = this.#seats.get(key);
    if (seat === undefined) return undefined;
    if (seat.isVacant) {
      if (seat.dueMs <= this.host.clock.now()) return undefined;
      this.#occupy(seat);
    }
    seat.generation++;
    this.#onChange?.(key, seat, false);
    return { record: seat.record, generation: seat.generation };
  }

  save(key: string, record: SeatRecord, generation: number): void {
    let seat = this.#seats.get(key);
    const isNew = seat === undefined;
    if (seat === undefined) {
      // One that was taken before has been dropped since: whoever had it does not bring it back.
      if (generation > 1) return;
      seat = new Seat(this, key, record);
      this.#seats.set(key, seat);
    } else {
      if (generation < seat.generation) return;
      seat.record = record;
    }
    this.#onChange?.(key, seat, isNew);
    if (seat.isVacant) this.#vacant.weigh(seat, seatBytes(record));
  }

  vacate(key: string, generation: number): void {
    const seat = this.#seats.get(key);
    if (seat === undefined || generation < seat.generation || seat.isVacant) return;
    this.#vacate(seat, this.host.clock.now() + this.host.seatLifetimeMs);
    if (seat.isVacant) this.#onChange?.(key, seat, false);
  }

  drop(key: string, generation: number): void {
    const seat = this.#seats.get(key);
    if (seat !== undefined && generation >= seat.generation) this.forget(key);
  }

  /** Forgets one that is there. */
  forget(key: string): void {
    const seat = this.#seats.get(key)!;
    if (seat.isVacant) this.#occupy(seat);
    this.#seats.delete(key);
    this.#onChange?.(key, undefined, false);
  }

  /** All that there are. */
  *entries(): Generator<[key: string, seat: SeatState]> {
    yield* this.#seats;
  }

  /** Lets go of all, without a word. */
  clear(): void {
    for (const seat of this.#seats.values()) if (seat.isVacant) this.#vacant.remove(seat);
    this.#seats.clear();
  }

  #vacate(seat: Seat, dueMs: number): void {
    seat.dueMs = dueMs;
    seat.isVacant = true;
    seat.bytes = seatBytes(seat.record);
    this.#vacant.add(seat);
  }

  #occupy(seat: Seat): void {
    this.#vacant.remove(seat);
    seat.isVacant = false;
  }
}
