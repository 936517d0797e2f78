import type { SeededRandom } from "../../src/testing/seeded-random.ts";

/** Bytes that stand at the edges of what formats allow. */
const EDGES = [
  0x00, 0x01, 0x7d, 0x7e, 0x7f, 0x80, 0x81, 0x82, 0x88, 0x89, 0xc1, 0xc2, 0xed, 0xf4, 0xf5, 0xfe, 0xff,
];
const MOST_MUTATIONS = 4;
/** Duplication must not make inputs grow without end. */
const LONGEST_SPAN = 600;

type Mutation = (bytes: Buffer, random: SeededRandom) => Buffer;

const MUTATIONS: readonly Mutation[] = [
  function flipBit(bytes, random) {
    const at = random.integer(0, bytes.length - 1);
    bytes[at]! ^= 1 << random.integer(0, 7);
    return bytes;
  },
  function setByte(bytes, random) {
    bytes[random.integer(0, bytes.length - 1)] = random.pick(EDGES);
    return bytes;
  },
  function cutEnd(bytes, random) {
    return bytes.subarray(0, random.integer(0, bytes.length - 1));
  },
  function cutSpan(bytes, random) {
    const [start, end] = span(bytes, random);
    return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
  },
  function repeatSpan(bytes, random) {
    const [start, end] = span(bytes, random);
    return Buffer.concat([bytes.subarray(0, end), bytes.subarray(start)]);
  },
  function moveSpan(bytes, random) {
    const [start, end] = span(bytes, random);
    const rest = Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
    const to = random.integer(0, rest.length);
    return Buffer.concat([rest.subarray(0, to), bytes.subarray(start, end), rest.subarray(to)]);
  },
  function insertNoise(bytes, random) {
    const at = random.integer(0, bytes.length);
    const noise = random.bytes(random.integer(1, 8));
    return Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)]);
  },
];

/** A copy of the bytes, changed in one to four ways. */
export function mutate(original: Uint8Array, random: SeededRandom): Buffer {
  let bytes = Buffer.from(original);
  for (let count = random.integer(1, MOST_MUTATIONS); count > 0 && bytes.length > 0; count -= 1) {
    bytes = Buffer.from(random.pick(MUTATIONS)(bytes, random));
  }
  return bytes;
}

/** The beginning of one and the end of the other. */
export function splice(one: Uint8Array, other: Uint8Array, random: SeededRandom): Buffer {
  return Buffer.concat([
    one.subarray(0, random.integer(0, one.length)),
    other.subarray(random.integer(0, other.length)),
  ]);
}

/** The same for text, character by character; `alphabet` is what may be put in. */
export function mutateText(original: string, random: SeededRandom, alphabet: readonly string[]): string {
  let text = original;
  for (let count = random.integer(1, MOST_MUTATIONS); count > 0; count -= 1) {
    const start = random.integer(0, text.length);
    const end = Math.min(text.length, start + random.integer(0, 12));
    const middle = text.slice(start, end);
    const instead = random.pick([
      "",
      middle + middle,
      random.pick(alphabet) + middle,
      random.pick(alphabet),
      middle.toUpperCase(),
      [...middle].toReversed().join(""),
    ]);
    text = text.slice(0, start) + instead + text.slice(end);
  }
  return text;
}

function span(bytes: Buffer, random: SeededRandom): [start: number, end: number] {
  const start = random.integer(0, bytes.length - 1);
  return [start, Math.min(bytes.length, start + random.integer(1, LONGEST_SPAN))];
}
