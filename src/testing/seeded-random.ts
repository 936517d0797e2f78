/** Where the lab takes its chances from: a number from 0 (included) to 1 (excluded). */
export interface Chance {
  fraction(): number;
}

/**
 * Chance that is the same in every run of a seed (mulberry32), so that what failed once fails again. Not for secrets.
 *
 * @example
 * const random = new SeededRandom(7);
 * random.integer(1, 6); // always the same first throw
 */
export class SeededRandom implements Chance {
  #state: number;

  /** Of the seed the lowest 32 bits count. */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 (included) to 1 (excluded). */
  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  }

  /** A whole number from `low` to `high`, both included. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.fraction() * (high - low + 1));
  }

  /** So many bytes. */
  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.integer(0, 255));
  }

  /** One of the items, which must not be empty. */
  pick<Item>(items: readonly Item[]): Item {
    if (items.length === 0) throw new RangeError("There is nothing to pick from.");
    return items[this.integer(0, items.length - 1)] as Item;
  }
}
