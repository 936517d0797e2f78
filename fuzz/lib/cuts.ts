import type { SeededRandom } from "../../src/testing/seeded-random.ts";

/** A copy to give away: a parser owns what it is handed and unmasks it in place. */
export function copyOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

/** A copy in pieces of `size`. */
export function cutEvery(size: number, bytes: Uint8Array): Uint8Array[] {
  const copy = copyOf(bytes);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < copy.length; at += size) pieces.push(copy.subarray(at, at + size));
  return pieces;
}

/** A copy in pieces of random sizes from 0 to `longest`. */
export function cutRandomly(bytes: Uint8Array, random: SeededRandom, longest: number): Uint8Array[] {
  const copy = copyOf(bytes);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < copy.length;) {
    const end = at + random.integer(0, longest);
    pieces.push(copy.subarray(at, end));
    at = end;
  }
  return pieces;
}
