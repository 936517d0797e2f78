import type { LogHost, SeatRecord, TakenSeat } from "../sockets/log.ts";
import { copyOfRecord, type DiskSeat, placeOf } from "./disk-format.ts";
import { MemorySeats, type SeatState } from "./memory-seats.ts";
import type { VacantSeats } from "./vacant-seats.ts";

/** Writes what a seat is, which is asked when it is written; undefined: it is no more. `isNew`: it has just begun. */
export type WriteSeat = (seat: string, state: (() => DiskSeat) | undefined, isNew: boolean) => void;

/** The seats of one namespace, in memory and on disk; by the hash of their key. They end there too when no log of the namespace is open. */
export class DiskSeats {
  readonly #host: LogHost;
  readonly #write: WriteSeat;
  readonly #seats: MemorySeats;

  /** @param found what was there before: of a restart, or when the log was closed */
  constructor(found: ReadonlyMap<string, DiskSeat>, host: LogHost, vacant: VacantSeats, write: WriteSeat) {
    this.#host = host;
    this.#write = write;
    this.#seats = new MemorySeats(host, vacant, (seat, state, isNew) => this.#keep(seat, state, isNew));
    for (const [seat, state] of found) this.#restore(seat, state);
  }

  get isEmpty(): boolean {
    return this.#seats.isEmpty;
  }

  take(key: string): TakenSeat | undefined {
    return this.#seats.take(placeOf(key));
  }

  save(key: string, record: SeatRecord, generation: number): void {
    this.#seats.save(placeOf(key), record, generation);
  }

  vacate(key: string, generation: number): void {
    this.#seats.vacate(placeOf(key), generation);
  }

  drop(key: string, generation: number): void {
    this.#seats.drop(placeOf(key), generation);
  }

  /** Lets go of all: returns what is on disk of them. */
  release(): Map<string, DiskSeat> {
    const found = new Map<string, DiskSeat>();
    for (const [seat, state] of this.#seats.entries()) found.set(seat, this.#onDisk(state));
    this.#seats.clear();
    return found;
  }

  /** One that was held is empty from now on. */
  #restore(seat: string, { record, generation, dueMs }: DiskSeat): void {
    const { clock, seatLifetimeMs } = this.#host;
    const now = clock.now();
    const due = dueMs === null ? now + seatLifetimeMs : dueMs - this.#host.wallTimeMs() + now;
    if (due <= now) {
      this.#keep(seat, undefined, false);
      return;
    }
    if (dueMs === null) this.#keep(seat, { record, generation, isVacant: true, dueMs: due }, false);
    this.#seats.restore(seat, record, generation, due);
  }

  #keep(seat: string, state: SeatState | undefined, isNew: boolean): void {
    this.#write(seat, state && (() => this.#onDisk(state)), isNew);
  }

  /** By the time that goes on while nobody runs. */
  #onDisk({ record, generation, isVacant, dueMs }: SeatState): DiskSeat {
    const wallMs = this.#host.wallTimeMs() + dueMs - this.#host.clock.now();
    return { record: copyOfRecord(record), generation, dueMs: isVacant ? Math.round(wallMs) : null };
  }
}
