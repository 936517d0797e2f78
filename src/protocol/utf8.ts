/** A whole-buffer check that may be faster than ours, such as Node's `buffer.isUtf8`. */
export type Utf8Check = (bytes: Uint8Array) => boolean;

/** Below this many bytes our own loop beats a call into native code. */
const NATIVE_FROM_BYTES = 64;

/**
 * Validates UTF-8 (RFC 3629 §4) that arrives in pieces cut anywhere, and refuses at the first byte that
 * can't become valid: overlong forms, surrogates and code points above U+10FFFF included.
 */
export class Utf8Validator {
  readonly #check: Utf8Check | undefined;
  /** Continuation bytes still due for the character at the end of the last piece. */
  #due = 0;
  /** The range the next continuation byte must lie in; narrower than 80..BF after E0, ED, F0 and F4. */
  #low = 0x80;
  #high = 0xbf;

  constructor(check?: Utf8Check) {
    this.#check = check;
  }

  /** Whether what has been pushed ends at the end of a character. */
  get complete(): boolean {
    return this.#due === 0;
  }

  /** Forgets what has been pushed, to begin another text. */
  reset(): void {
    this.#due = 0;
    this.#low = 0x80;
    this.#high = 0xbf;
  }

  /** Takes the next piece, `bytes[start, end)`; false as soon as the text can't be valid any more. */
  push(bytes: Uint8Array, start: number, end: number): boolean {
    const check = this.#check;
    if (check === undefined || end - start < NATIVE_FROM_BYTES) return this.#scan(bytes, start, end);
    let from = start;
    while (this.#due > 0 && from < end) {
      if (!this.#scan(bytes, from, from + 1)) return false;
      from += 1;
    }
    const to = lastCharacterStart(bytes, from, end);
    return check(bytes.subarray(from, to)) && this.#scan(bytes, to, end);
  }

  #scan(bytes: Uint8Array, start: number, end: number): boolean {
    let due = this.#due;
    let low = this.#low;
    let high = this.#high;
    for (let i = start; i < end; i += 1) {
      const byte = bytes[i]!;
      if (due > 0) {
        if (byte < low || byte > high) return false;
        due -= 1;
        low = 0x80;
        high = 0xbf;
      } else if (byte >= 0x80) {
        if (byte < 0xc2 || byte > 0xf4) return false;
        due = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
        if (byte === 0xe0) low = 0xa0;
        else if (byte === 0xed) high = 0x9f;
        else if (byte === 0xf0) low = 0x90;
        else if (byte === 0xf4) high = 0x8f;
      }
    }
    this.#due = due;
    this.#low = low;
    this.#high = high;
    return true;
  }
}

const shortTexts = new Utf8Validator();

/** Whether `bytes[start, end)` is UTF-8 from its beginning to its end. */
export function isWholeUtf8(bytes: Uint8Array, start: number, end: number, check?: Utf8Check): boolean {
  if (check !== undefined && end - start >= NATIVE_FROM_BYTES) return check(bytes.subarray(start, end));
  shortTexts.reset();
  return shortTexts.push(bytes, start, end) && shortTexts.complete;
}

/** Where the last, possibly incomplete, character of `bytes[start, end)` begins. */
function lastCharacterStart(bytes: Uint8Array, start: number, end: number): number {
  const earliest = Math.max(start, end - 3);
  for (let i = end - 1; i >= earliest; i -= 1) {
    const byte = bytes[i]!;
    if (byte < 0x80) return end;
    if (byte >= 0xc0) return i;
  }
  return end;
}
