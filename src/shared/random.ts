/** Where randomness comes from. Passed in, so that tests can repeat a run. */
export interface Random {
  /** `length` unpredictable bytes. */
  bytes(length: number): Uint8Array;
  /** A number from 0 (included) to 1 (excluded), good enough to spread retries. */
  fraction(): number;
}

/** So many bytes are asked for at a time: asking costs more than they do. */
const POOL_BYTES = 1024;
let pool = /* @__PURE__ */ new Uint8Array(0);
let used = 0;

/** Bytes that nobody has been given before, nor will be again. */
function takeBytes(length: number): Uint8Array {
  if (length > POOL_BYTES) return crypto.getRandomValues(new Uint8Array(length));
  if (used + length > pool.length) {
    pool = crypto.getRandomValues(new Uint8Array(POOL_BYTES));
    used = 0;
  }
  used += length;
  return pool.subarray(used - length, used);
}

function fraction(): number {
  return Math.random();
}

/** The platform's generator for those who need no bytes. */
export const systemChance: Pick<Random, "fraction"> = { fraction };

/** The platform's generator: a CSPRNG for bytes. */
export const systemRandom: Random = { bytes: takeBytes, fraction };

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const ID_LENGTH = 20;

/** An id of 20 characters of `[A-Za-z0-9_-]`: 120 unguessable bits. */
export function randomId(random: Random): string {
  let id = "";
  // 64 divides 256, so taking six bits of each byte favours no character.
  for (const byte of random.bytes(ID_LENGTH)) id += ALPHABET[byte & 63];
  return id;
}
