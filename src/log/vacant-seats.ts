import type { Timer } from "../shared/clock.ts";
import type { LogHost, SeatRecord } from "../sockets/log.ts";
import { type Due, DueHeap } from "./due-heap.ts";

/** The longest that a timer can wait, in milliseconds (25 days); what waits longer is looked at in between. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** What a seat takes in memory besides its `data` and its stays, about. */
const SEAT_BYTES = 512;
/** What a stay takes besides the room's name, about. */
const STAY_BYTES = 128;

/** A seat in which nobody sits. */
export interface VacantSeat extends Due {
  /** By whose clock it is due, and how much may be empty beside it. */
  readonly host: Pick<LogHost, "clock" | "maxVacantSeats" | "maxVacantSeatBytes">;
  /** Changed only by {@link VacantSeats.weigh} while it is here. */
  bytes: number;
  /** Its owner lets go of it, and takes it out of here. */
  forget(): void;
}

/** The empty seats of all namespaces that share a log: the one that is empty for longest goes first, whosever it is. One timer for all. */
export class VacantSeats {
  readonly #seats = new DueHeap<VacantSeat>();
  #bytes = 0;
  #openLogs = 0;
  #timer: Timer | undefined;
  #timerDueMs = 0;

  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#seats.size;
  }

  /** A log is open. Without one there is no timer: what is due then goes later. */
  enter(): void {
    this.#openLogs++;
    this.#schedule();
  }

  /** A log that was open is closed. */
  leave(): void {
    this.#openLogs--;
    this.#schedule();
  }

  /** Adds one; others may be forgotten for it, and itself, if it alone is too much. */
  add(seat: VacantSeat): void {
    this.#seats.add(seat);
    this.#bytes += seat.bytes;
    this.#limit(seat);
    this.#schedule();
  }

  /** Takes one out that is here. */
  remove(seat: VacantSeat): void {
    this.#seats.remove(seat);
    this.#bytes -= seat.bytes;
    if (this.#seats.size === 0) this.#schedule();
  }

  /** One that is here takes so much from now on; others may be forgotten for it, and itself. */
  weigh(seat: VacantSeat, bytes: number): void {
    this.#bytes += bytes - seat.bytes;
    seat.bytes = bytes;
    this.#limit(seat);
  }

  #limit({ host: { maxVacantSeats, maxVacantSeatBytes } }: VacantSeat): void {
    while (this.#seats.size > maxVacantSeats || this.#bytes > maxVacantSeatBytes) this.#seats.first!.forget();
  }

  #schedule(): void {
    const { first } = this.#seats;
    if (first === undefined || this.#openLogs === 0) {
      this.#timer?.cancel();
      this.#timer = undefined;
      return;
    }
    if (this.#timer !== undefined && this.#timerDueMs <= first.dueMs) return;
    this.#timer?.cancel();
    const { clock } = first.host;
    this.#timerDueMs = Math.min(first.dueMs, clock.now() + MAX_TIMER_MS);
    this.#timer = clock.setTimeout(() => this.#expire(), this.#timerDueMs - clock.now());
  }

  #expire(): void {
    this.#timer = undefined;
    for (let seat = this.#seats.first; seat !== undefined && seat.dueMs <= seat.host.clock.now();) {
      seat.forget();
      seat = this.#seats.first;
    }
    this.#schedule();
  }
}

/** What a seat takes in memory, roughly: two bytes for a character. */
export function seatBytes({ stays, data }: SeatRecord): number {
  let bytes = SEAT_BYTES + 2 * (data?.length ?? 0);
  for (const { room } of stays) bytes += STAY_BYTES + 2 * room.length;
  return bytes;
}
