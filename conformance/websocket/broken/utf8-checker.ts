/** Checks UTF-8 as it comes (RFC 3629 §4), by the table of what may follow what. */
export class Utf8Checker {
  readonly #surrogates: boolean;
  /** Continuation bytes still due, and the range of the next one. */
  #due = 0;
  #low = 0x80;
  #high = 0xbf;

  constructor(allowSurrogates: boolean) {
    this.#surrogates = allowSurrogates;
  }

  /** False as soon as a byte can't be part of UTF-8. */
  push(bytes: Uint8Array): boolean {
    for (let i = 0; i < bytes.length; i++) if (!this.#take(bytes[i]!)) return false;
    return true;
  }

  /** Whether the text may end here. */
  get complete(): boolean {
    return this.#due === 0;
  }

  #take(byte: number): boolean {
    if (this.#due > 0) {
      const fits = byte >= this.#low && byte <= this.#high;
      this.#expect(this.#due - 1);
      return fits;
    }
    if (byte < 0x80) return true;
    if (byte >= 0xc2 && byte <= 0xdf) this.#expect(1);
    else if (byte === 0xe0) this.#expect(2, 0xa0);
    else if (byte === 0xed && !this.#surrogates) this.#expect(2, 0x80, 0x9f);
    else if (byte >= 0xe1 && byte <= 0xef) this.#expect(2);
    else if (byte === 0xf0) this.#expect(3, 0x90);
    else if (byte >= 0xf1 && byte <= 0xf3) this.#expect(3);
    else if (byte === 0xf4) this.#expect(3, 0x80, 0x8f);
    else return false;
    return true;
  }

  #expect(due: number, low = 0x80, high = 0xbf): void {
    this.#due = due;
    this.#low = low;
    this.#high = high;
  }
}
