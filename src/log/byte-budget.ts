import { Chain, type Link } from "./chain.ts";

/** Something that takes memory, and can be let go of. */
export interface Holding extends Link<Holding> {
  /** Does not change while it is held. */
  readonly bytes: number;
  /** Its owner lets go of it, and takes it out of the budget. */
  evict(): void;
}

/** So many bytes for all together: beyond it the oldest goes first, whoever holds it. */
export class ByteBudget {
  readonly #maxBytes: number;
  readonly #held = new Chain<Holding>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Adds one; others may be evicted for it, and itself, if it alone is too much. */
  add(holding: Holding): void {
    this.#held.add(holding);
    this.#bytes += holding.bytes;
    while (this.#bytes > this.#maxBytes) this.#held.oldest!.evict();
  }

  remove(holding: Holding): void {
    this.#held.remove(holding);
    this.#bytes -= holding.bytes;
  }
}
