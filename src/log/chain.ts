/** Something with a place in a chain; the chain alone changes these two. */
export interface Link<Item> {
  older: Item | undefined;
  newer: Item | undefined;
}

/** In the order in which they came, from which any may go at any time. Each item is in one chain at most. */
export class Chain<Item extends Link<Item>> {
  #oldest: Item | undefined;
  #newest: Item | undefined;
  #size = 0;

  get oldest(): Item | undefined {
    return this.#oldest;
  }

  get size(): number {
    return this.#size;
  }

  add(item: Item): void {
    item.older = this.#newest;
    if (this.#newest === undefined) this.#oldest = item;
    else this.#newest.newer = item;
    this.#newest = item;
    this.#size++;
  }

  /** Takes one out that is in it. */
  remove(item: Item): void {
    if (item.older === undefined) this.#oldest = item.newer;
    else item.older.newer = item.newer;
    if (item.newer === undefined) this.#newest = item.older;
    else item.newer.older = item.older;
    item.older = item.newer = undefined;
    this.#size--;
  }
}
