import type { SeededRandom } from "../../src/testing/seeded-random.ts";

/** The bytes in memory of their own; a Buffer's `slice` would share it. */
export function copyOf(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes);
}

/** The bytes in pieces of `size`, each with memory of its own. */
export function chop(bytes: Uint8Array, size: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(copyOf(bytes.subarray(at, at + size)));
  return pieces;
}

/** The bytes in pieces of random sizes from 0 to `longest`, each with memory of its own. */
export function chopRandomly(bytes: Uint8Array, random: SeededRandom, longest: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + random.integer(0, longest);
    pieces.push(copyOf(bytes.subarray(at, end)));
    at = end;
  }
  return pieces;
}
