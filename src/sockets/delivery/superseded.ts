import type { Lane } from "../backpressure/when-slow.ts";

/** How many lanes are known; of the one that was written to longest ago, nothing is superseded any more. */
const MAX_LANES = 10_000;
/** Offsets are noted in blocks of so many, a bit for each. */
const BLOCK = 1024;

/**
 * Which entries of a log need not be sent to a client that is behind, as newer ones of their lane are in the log. Not kept with the log: what was there before a
 * restart is sent.
 */
export class Superseded {
  /** The offsets of the newest of each lane, the oldest first. */
  readonly #lanes = new Map<string, number[]>();
  /** By the number of the block. */
  readonly #blocks = new Map<number, Uint32Array>();
  /** How many blocks there may be before those that the log has dropped are looked for. */
  #manyBlocks = 16;

  /** An entry of a lane is in the log, which begins behind `tail`. */
  note({ key, keep }: Lane, offset: number, tail: number): void {
    const newest = this.#lanes.get(key) ?? [];
    this.#lanes.delete(key);
    this.#lanes.set(key, newest);
    newest.push(offset);
    while (newest.length > keep) this.#mark(newest.shift()!);
    if (this.#lanes.size > MAX_LANES) this.#lanes.delete(this.#lanes.keys().next().value!);
    if (this.#blocks.size > this.#manyBlocks) this.#forget(tail);
  }

  has(offset: number): boolean {
    const bits = this.#blocks.get(Math.floor(offset / BLOCK));
    if (bits === undefined) return false;
    const place = offset % BLOCK;
    return (bits[place >>> 5]! & (1 << (place & 31))) !== 0;
  }

  #mark(offset: number): void {
    const number = Math.floor(offset / BLOCK);
    let bits = this.#blocks.get(number);
    if (bits === undefined) this.#blocks.set(number, (bits = new Uint32Array(BLOCK / 32)));
    const place = offset % BLOCK;
    bits[place >>> 5]! |= 1 << (place & 31);
  }

  #forget(tail: number): void {
    const first = Math.floor(tail / BLOCK);
    for (const number of this.#blocks.keys()) if (number < first) this.#blocks.delete(number);
    this.#manyBlocks = Math.max(16, this.#blocks.size * 2);
  }
}
