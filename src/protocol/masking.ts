/** Below this a byte loop beats setting up a view of words. */
const WORDS_FROM_BYTES = 64;
/** From here on words of 64 bits, and native code for what else is to be found out, beat doing both in one loop. */
const WIDE_FROM_BYTES = 4096;

/** The longest buffer whose words are remembered. */
const MAX_REMEMBERED_BYTES = 64 * 1024;

const HIGH_BITS = 0x80808080 | 0;

/**
 * Masks or unmasks `bytes[start, end)` in place (RFC 6455 §5.3: the two are the same operation).
 *
 * `key` is the masking key as a big-endian 32-bit integer, `keyOffset` the number of payload bytes of this frame that came before
 * `start`. Returns whether every resulting byte is known to be below 0x80: for short ones it falls out of the loop and spares
 * ASCII text its validation, for long ones it is not found out.
 */
export function applyMask(
  bytes: Uint8Array,
  start: number,
  end: number,
  key: number,
  keyOffset: number,
): boolean {
  const k = rotate(key, keyOffset);
  const length = end - start;
  if (length < WORDS_FROM_BYTES) return maskByBytes(bytes, start, end, k) < 0x80;
  const wide = length >= WIDE_FROM_BYTES;
  const unit = wide ? 8 : 4;
  const head = start + (-(bytes.byteOffset + start) & (unit - 1));
  const tail = end - ((end - head) & (unit - 1));
  const aligned = rotate(k, head - start);
  const ends = maskByBytes(bytes, start, head, k) | maskByBytes(bytes, tail, end, aligned);
  if (wide) {
    maskWide(new BigUint64Array(bytes.buffer, bytes.byteOffset + head, (tail - head) >> 3), aligned);
    return false;
  }
  const words = wordsOf(bytes);
  const seen = maskWords(words, (head - firstWord) >> 2, (tail - firstWord) >> 2, aligned);
  return ((seen & HIGH_BITS) | (ends & 0x80)) === 0;
}

/** Unmasks a short `bytes[start, end)` by the key that stands at `keyAt`; returns whether every resulting byte is below 0x80. */
export function applyMaskAt(bytes: Uint8Array, keyAt: number, start: number, end: number): boolean {
  const k0 = bytes[keyAt]!;
  const k1 = bytes[keyAt + 1]!;
  const k2 = bytes[keyAt + 2]!;
  const k3 = bytes[keyAt + 3]!;
  let seen = 0;
  let i = start;
  for (const stop = end - 3; i < stop; i += 4) {
    const a = bytes[i]! ^ k0;
    const b = bytes[i + 1]! ^ k1;
    const c = bytes[i + 2]! ^ k2;
    const d = bytes[i + 3]! ^ k3;
    bytes[i] = a;
    bytes[i + 1] = b;
    bytes[i + 2] = c;
    bytes[i + 3] = d;
    seen |= a | b | c | d;
  }
  if (i < end) seen |= bytes[i]! ^= k0;
  if (i + 1 < end) seen |= bytes[i + 1]! ^= k1;
  if (i + 2 < end) seen |= bytes[i + 2]! ^= k2;
  return seen < 0x80;
}

/** The key as it is `offset` bytes further on. */
function rotate(key: number, offset: number): number {
  const shift = (offset & 3) << 3;
  return shift === 0 ? key : (key << shift) | (key >>> (32 - shift));
}

/** The words of the chunk that was masked last, and where in it they begin: a chunk often holds many messages. */
let viewed: Uint8Array | undefined;
let view: Int32Array = new Int32Array(0);
let firstWord = 0;

/** All whole words of `bytes`; sets {@link firstWord}. */
function wordsOf(bytes: Uint8Array): Int32Array {
  if (bytes === viewed) return view;
  firstWord = -bytes.byteOffset & 3;
  view = new Int32Array(bytes.buffer, bytes.byteOffset + firstWord, (bytes.length - firstWord) >> 2);
  // A large buffer is not remembered: that would keep it alive until the next one comes.
  viewed = bytes.length <= MAX_REMEMBERED_BYTES ? bytes : undefined;
  return view;
}

/** Masks `words[start, end)` and returns the results or-ed together. */
function maskWords(words: Int32Array, start: number, end: number, key: number): number {
  const word = inMachineOrder(key);
  let seen = 0;
  let i = start;
  for (const stop = end - 3; i < stop; i += 4) {
    const a = words[i]! ^ word;
    const b = words[i + 1]! ^ word;
    const c = words[i + 2]! ^ word;
    const d = words[i + 3]! ^ word;
    words[i] = a;
    words[i + 1] = b;
    words[i + 2] = c;
    words[i + 3] = d;
    seen |= a | b | c | d;
  }
  for (; i < end; i += 1) {
    const a = words[i]! ^ word;
    words[i] = a;
    seen |= a;
  }
  return seen;
}

const keyHalves = new Int32Array(2);
const keyWord = new BigUint64Array(keyHalves.buffer);

/** Masks words of 64 bits: three to five times as fast, as long as nothing else is done with them. */
function maskWide(words: BigUint64Array, key: number): void {
  keyHalves[0] = keyHalves[1] = inMachineOrder(key);
  const word = keyWord[0]!;
  const { length } = words;
  let i = 0;
  for (const stop = length - 3; i < stop; i += 4) {
    words[i] = words[i]! ^ word;
    words[i + 1] = words[i + 1]! ^ word;
    words[i + 2] = words[i + 2]! ^ word;
    words[i + 3] = words[i + 3]! ^ word;
  }
  for (; i < length; i += 1) words[i] = words[i]! ^ word;
}

/** Masks byte by byte and returns all resulting bytes or-ed together. */
function maskByBytes(bytes: Uint8Array, start: number, end: number, key: number): number {
  const k0 = key >>> 24;
  const k1 = (key >>> 16) & 0xff;
  const k2 = (key >>> 8) & 0xff;
  const k3 = key & 0xff;
  let seen = 0;
  let i = start;
  for (const stop = end - 3; i < stop; i += 4) {
    seen |= (bytes[i]! ^= k0) | (bytes[i + 1]! ^= k1) | (bytes[i + 2]! ^= k2) | (bytes[i + 3]! ^= k3);
  }
  if (i < end) seen |= bytes[i]! ^= k0;
  if (i + 1 < end) seen |= bytes[i + 1]! ^= k1;
  if (i + 2 < end) seen |= bytes[i + 2]! ^= k2;
  return seen;
}

const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** A big-endian key as the machine reads it from memory. */
function inMachineOrder(key: number): number {
  if (!LITTLE_ENDIAN) return key | 0;
  return ((key & 0xff) << 24) | ((key & 0xff00) << 8) | ((key >>> 8) & 0xff00) | (key >>> 24) | 0;
}
