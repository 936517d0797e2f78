import type { Exchange } from "../exchange.ts";

/** Answers that were given and have not left yet: what a peer does not read is held in memory. */
export class Leaving {
  readonly #sizes = new Map<Exchange, number>();
  #bytes = 0;

  /** About how much they hold. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Keeps an exchange until its answer, of so many bytes, has left. */
  add(exchange: Exchange, bytes: number): void {
    if (exchange.isOver) return;
    this.#sizes.set(exchange, bytes);
    this.#bytes += bytes;
    exchange.onOver = () => {
      this.#sizes.delete(exchange);
      this.#bytes -= bytes;
    };
  }

  /** Gives all of them away. */
  take(): readonly Exchange[] {
    const exchanges = [...this.#sizes.keys()];
    for (const exchange of exchanges) exchange.onOver = undefined;
    this.#sizes.clear();
    this.#bytes = 0;
    return exchanges;
  }

  /** Drops what their peers have not taken. */
  destroy(): void {
    for (const exchange of this.take()) exchange.destroy();
  }
}
