/** Where a {@link MapView} looks. */
export interface MapSource<Key, Value> {
  readonly size: number;
  get(key: Key): Value | undefined;
  entries(): Iterable<readonly [Key, Value]>;
}

/** A map that is read only, and made of something else while it is read. */
export class MapView<Key, Value> implements ReadonlyMap<Key, Value> {
  readonly #source: MapSource<Key, Value>;

  constructor(source: MapSource<Key, Value>) {
    this.#source = source;
  }

  get size(): number {
    return this.#source.size;
  }

  get(key: Key): Value | undefined {
    return this.#source.get(key);
  }

  has(key: Key): boolean {
    return this.#source.get(key) !== undefined;
  }

  *entries(): MapIterator<[Key, Value]> {
    for (const [key, value] of this.#source.entries()) yield [key, value];
  }

  *keys(): MapIterator<Key> {
    for (const [key] of this.#source.entries()) yield key;
  }

  *values(): MapIterator<Value> {
    for (const [, value] of this.#source.entries()) yield value;
  }

  [Symbol.iterator](): MapIterator<[Key, Value]> {
    return this.entries();
  }

  forEach(callback: (value: Value, key: Key, map: ReadonlyMap<Key, Value>) => void, thisArg?: unknown): void {
    for (const [key, value] of this.#source.entries()) callback.call(thisArg, value, key, this);
  }
}
