import { deflateRawSync, constants, createInflateRaw } from "node:zlib";
import { SeededRandom } from "../../src/testing/seeded-random.ts";

/** Bytes that can't be compressed, always the same ones. */
export function noise(length: number, seed = 1): Buffer {
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = Math.imul(seed, 0x9e3779b1) | 1;
  for (let at = 0; at < words.length; at += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[at] = state;
  }
  return Buffer.from(words.buffer, 0, length);
}

const WORDS = ["deflate", "window", "Füße", "漢字", "the", "history", "of", "messages", "\u{1f600}"];

/** Text of about `length` bytes that can be compressed well, and is not ASCII. */
export function prose(length: number, seed = 1): string {
  const random = new SeededRandom(seed);
  const words: string[] = [];
  for (let bytes = 0; bytes < length; bytes += 7) words.push(random.pick(WORDS));
  return words.join(" ");
}

/** A message as RFC 7692 §7.2.1 wants it, by Node's documented zlib. */
export function deflated(payload: string | Uint8Array, windowBits = 15): Buffer {
  const output = deflateRawSync(payload, { windowBits, finishFlush: constants.Z_SYNC_FLUSH });
  return output.subarray(0, output.length - 4);
}

/** A message that deflate's own end stands in: its last block has BFINAL (RFC 7692 §7.2.3.4). */
export function deflatedWithFinal(payload: string | Uint8Array): Buffer {
  return Buffer.concat([deflateRawSync(payload), Buffer.of(0)]);
}

/** Inflates messages one after the other, with or without what came before. */
export class Inflater {
  readonly #keepsHistory: boolean;
  readonly #windowBits: number;
  #before: Buffer = Buffer.alloc(0);

  constructor(keepsHistory = true, windowBits = 15) {
    this.#keepsHistory = keepsHistory;
    this.#windowBits = windowBits;
  }

  /** All messages until now are inflated again in one stream: slow, and without state of its own to be wrong. */
  async inflate(message: Uint8Array): Promise<Buffer> {
    const tail = Buffer.from([0, 0, 0xff, 0xff]);
    const skip = this.#keepsHistory ? this.#before : Buffer.alloc(0);
    const already = skip.length === 0 ? 0 : (await inflateAll(skip, this.#windowBits)).length;
    const input = Buffer.concat([skip, message, tail]);
    this.#before = input;
    return (await inflateAll(input, this.#windowBits)).subarray(already);
  }
}

function inflateAll(input: Buffer, windowBits: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const stream = createInflateRaw({ windowBits });
    const pieces: Buffer[] = [];
    stream.on("data", (piece: Buffer) => void pieces.push(piece));
    stream.on("error", reject);
    stream.write(input);
    stream.flush(constants.Z_SYNC_FLUSH, () => {
      stream.close();
      resolve(Buffer.concat(pieces));
    });
  });
}
