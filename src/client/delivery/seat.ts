import type { StoredSeat } from "./store.ts";

/** What the server says of a seat, in the answer to CONNECT (docs/protocol/delivery.md). */
export interface SeatAnswer {
  readonly key?: string;
  readonly epoch?: string;
  readonly offset?: number;
  /** Up to which of our events all are done; undefined: it does not know of any that we sent before. */
  readonly sequence?: number;
  /** How many of our events may be under way. */
  readonly window?: number;
  readonly recovered?: boolean;
}

/** Where a client stands in the log of a namespace: what it needs to come back. */
export class Seat {
  #key: string | undefined;
  #epoch: string | undefined;
  #offset = 0;

  /** What the server is told at the next CONNECT; undefined: there is no seat. */
  get claim(): StoredSeat | undefined {
    if (this.#key === undefined) return undefined;
    return { key: this.#key, epoch: this.#epoch ?? "", offset: this.#offset };
  }

  /** Takes what the server says; without a key the seat stays. */
  take({ key = this.#key, epoch, offset = 0 }: SeatAnswer): void {
    this.#key = key;
    this.#epoch = epoch;
    this.#offset = offset;
  }

  /** There is no seat any more. */
  leave(): void {
    this.#key = undefined;
  }

  /** Takes the offset of a packet, if it has one; false: we have it already. */
  reach(offset: number | undefined): boolean {
    if (offset === undefined) return true;
    if (offset <= this.#offset) return false;
    this.#offset = offset;
    return true;
  }
}
