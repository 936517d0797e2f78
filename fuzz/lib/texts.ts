import type { SeededRandom } from "../../src/testing/seeded-random.ts";

/** The first and last character of each length, and what lies beside the surrogates. */
const CHARACTERS = [
  "a",
  "z",
  "\0",
  "\x7f",
  "\x80",
  "é",
  "\u07ff",
  "\u0800",
  "€",
  "\ud7ff",
  "\ue000",
  "\uffff",
  "\u{10000}",
  "😀",
  "\u{10ffff}",
];

/** Valid UTF-8 of at most about `length` bytes, half of the time nothing but ASCII. */
export function textOf(length: number, random: SeededRandom): Buffer {
  if (random.fraction() < 0.5) return Buffer.alloc(length, random.pick(["x", "hello ", "0"]));
  let text = "";
  for (let left = length; left >= 4;) {
    const character = random.pick(CHARACTERS);
    text += character;
    left -= Buffer.byteLength(character);
  }
  return Buffer.from(text);
}

/** Where all formats that count their bytes have edges, mostly small. */
const LENGTHS = [0, 0, 1, 2, 3, 5, 7, 17, 40, 63, 64, 65, 95, 96, 97, 124, 125, 126, 127, 128, 129, 200, 300];
const RARE_LENGTHS = [1000, 4096, 65_534, 65_535, 65_536, 65_537, 70_000];
const RARE = 0.004;

/** A payload's length: small, at an edge, now and then large. */
export function lengthOf(random: SeededRandom): number {
  return random.fraction() < RARE ? random.pick(RARE_LENGTHS) : random.pick(LENGTHS);
}
