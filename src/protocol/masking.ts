/** Below this a byte loop beats setting up a view of words. */
const WORDS_FROM_BYTES = 96;

const HIGH_BITS = 0x80808080 | 0;

/**
 * Masks or unmasks `bytes[start, end)` in place (RFC 6455 §5.3: the two are the same operation).
 *
 * `key` is the masking key as a big-endian 32-bit integer, `keyOffset` the number of payload bytes
 * of this frame that came before `start`. Returns whether every resulting byte is below 0x80: it
 * falls out of the loop for free and spares valid ASCII text its UTF-8 validation.
 */
export function applyMask(
  bytes: Uint8Array,
  start: number,
  end: number,
  key: number,
  keyOffset: number,
): boolean {
  const shift = (keyOffset & 3) << 3;
  const k = shift === 0 ? key : (key << shift) | (key >>> (32 - shift));
  if (end - start < WORDS_FROM_BYTES) return maskByBytes(bytes, start, end, k) < 0x80;

  const misaligned = (bytes.byteOffset + start) & 3;
  const head = misaligned === 0 ? start : start + 4 - misaligned;
  let seen = maskByBytes(bytes, start, head, k);

  const rotation = ((head - start) & 3) << 3;
  const aligned = rotation === 0 ? k : (k << rotation) | (k >>> (32 - rotation));
  const count = (end - head) >> 2;
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + head, count);
  const word = LITTLE_ENDIAN ? swapBytes(aligned) : aligned | 0;
  let high = 0;
  let i = 0;
  for (const stop = count - 3; i < stop; i += 4) {
    const a = words[i]! ^ word;
    const b = words[i + 1]! ^ word;
    const c = words[i + 2]! ^ word;
    const d = words[i + 3]! ^ word;
    words[i] = a;
    words[i + 1] = b;
    words[i + 2] = c;
    words[i + 3] = d;
    high |= a | b | c | d;
  }
  for (; i < count; i += 1) {
    const a = words[i]! ^ word;
    words[i] = a;
    high |= a;
  }
  seen |= maskByBytes(bytes, head + (count << 2), end, aligned);
  return seen < 0x80 && (high & HIGH_BITS) === 0;
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

function swapBytes(word: number): number {
  return ((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24) | 0;
}

const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
