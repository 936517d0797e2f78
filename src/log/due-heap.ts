/** Something that is due at some time, with a place in a heap; the heap alone changes `place` and `order`. */
export interface Due {
  readonly dueMs: number;
  place: number;
  order: number;
}

/** What is due first comes first, and of those that are due together the one that was added first; any may go at any time. Each item is in one heap at most. */
export class DueHeap<Item extends Due> {
  readonly #items: Item[] = [];
  #order = 0;

  get size(): number {
    return this.#items.length;
  }

  get first(): Item | undefined {
    return this.#items[0];
  }

  /** Cheap for one that is due after all others. */
  add(item: Item): void {
    item.order = this.#order++;
    this.#rise(item, this.#items.length);
  }

  /** Takes one out that is in it. */
  remove(item: Item): void {
    const last = this.#items.pop()!;
    if (last === item) return;
    this.#rise(last, item.place);
    this.#sink(last);
  }

  /** Puts one at a place, or above it. */
  #rise(item: Item, from: number): void {
    let place = from;
    while (place > 0) {
      const above = this.#items[(place - 1) >> 1]!;
      if (!isBefore(item, above)) break;
      this.#put(above, place);
      place = (place - 1) >> 1;
    }
    this.#put(item, place);
  }

  #sink(item: Item): void {
    let { place } = item;
    for (;;) {
      let below = this.#items[2 * place + 1];
      const other = this.#items[2 * place + 2];
      if (below !== undefined && other !== undefined && isBefore(other, below)) below = other;
      if (below === undefined || !isBefore(below, item)) break;
      const free = below.place;
      this.#put(below, place);
      place = free;
    }
    this.#put(item, place);
  }

  #put(item: Item, place: number): void {
    this.#items[place] = item;
    item.place = place;
  }
}

function isBefore(one: Due, other: Due): boolean {
  return one.dueMs < other.dueMs || (one.dueMs === other.dueMs && one.order < other.order);
}
