/** A length up to this is allocated as soon as it is announced; a longer one grows with what arrives. */
const EAGER_ALLOCATION_BYTES = 1 << 20;
const SMALLEST_ALLOCATION_BYTES = 128;

function allocatePlain(bytes: number): Uint8Array {
  return new Uint8Array(bytes);
}

/**
 * One growing buffer that the pieces of a message are copied into.
 *
 * Its size follows the bytes that have really come: announcing 100 MB costs a peer's victim 1 MiB, and
 * 65,537 fragments of one byte cost 128 KiB and not 65,537 objects.
 */
export class MessageBuffer {
  readonly #allocate: (bytes: number) => Uint8Array;
  readonly #maxBytes: number;
  #bytes: Uint8Array | undefined;
  #length = 0;

  /** `maxBytes` is what the content can never exceed (0: unknown), so that growing stops there. */
  constructor(allocate: (bytes: number) => Uint8Array = allocatePlain, maxBytes = 0) {
    this.#allocate = allocate;
    this.#maxBytes = maxBytes;
  }

  /** The bytes, of which the first {@link length} are content. */
  get bytes(): Uint8Array {
    return (this.#bytes ??= this.#allocate(0));
  }

  get length(): number {
    return this.#length;
  }

  /** The content alone. */
  content(): Uint8Array {
    return this.bytes.subarray(0, this.#length);
  }

  /**
   * Copies `chunk[start, end)` to the end of the content and returns where it now begins.
   * `expected` is how many bytes are known to come, these included.
   */
  append(chunk: Uint8Array, start: number, end: number, expected: number): number {
    const from = this.#length;
    const needed = from + end - start;
    if (this.#bytes === undefined || needed > this.#bytes.length) {
      this.#grow(needed, from + expected);
    }
    this.bytes.set(start === 0 && end === chunk.length ? chunk : chunk.subarray(start, end), from);
    this.#length = needed;
    return from;
  }

  #grow(needed: number, announced: number): void {
    const old = this.#bytes;
    let size = Math.max(needed, SMALLEST_ALLOCATION_BYTES, Math.min(announced, EAGER_ALLOCATION_BYTES));
    if (old !== undefined) {
      const doubled = old.length * 2;
      // Within one frame the end is known; another fragment may always follow.
      size = Math.max(size, announced > needed ? Math.min(doubled, announced) : doubled);
    }
    if (this.#maxBytes > 0) size = Math.max(needed, Math.min(size, this.#maxBytes));
    const bytes = this.#allocate(size);
    if (old !== undefined) bytes.set(old.subarray(0, this.#length), 0);
    this.#bytes = bytes;
  }
}
