import type { Transform } from "node:stream";
import {
  constants,
  createDeflateRaw,
  createInflateRaw,
  type Zlib,
  type ZlibOptions,
  type ZlibReset,
} from "node:zlib";

/** Which way a stream works. */
export type ZlibDirection = "deflate" | "inflate";

/** The output would be longer than allowed. */
export class OutputLimitError extends Error {}

/** zlib could not make sense of its input. */
export class CorruptInputError extends Error {}

/**
 * The part of Node's zlib streams that works at once, on the same state as the stream: for a short message ten times cheaper than
 * a trip to the thread pool. It is not documented, so it is looked for before use; without it, everything goes through the pool.
 */
interface ZlibHandle {
  writeSync(
    flush: number,
    input: Uint8Array,
    inputOffset: number,
    inputLength: number,
    output: Uint8Array,
    outputOffset: number,
    outputLength: number,
  ): void;
  onerror: (message: string, errno: number, code: string) => void;
}

type ZlibTransform = Transform & Zlib & ZlibReset & { _handle?: ZlibHandle; _writeState?: Uint32Array };

/** What one step at once can give. Shared: nothing stays in it. */
const SCRATCH_BYTES = 64 * 1024;
let scratch: Buffer | undefined;

/** How far a step at once has come. */
export interface Step {
  /** Valid until the next step of any stream. */
  readonly output: Buffer;
  /** Where in the input to go on; its length, if all of it was used. */
  readonly offset: number;
  /** Whether more output is there to be fetched. */
  readonly more: boolean;
}

/** One raw deflate or inflate state, used message by message. */
export class ZlibStream {
  readonly direction: ZlibDirection;
  readonly windowBits: number;
  readonly #stream: ZlibTransform;
  readonly #handle: ZlibHandle | undefined;
  #failure: Error | undefined;
  #pieces: Buffer[] = [];
  #bytes = 0;
  #maxBytes = 0;
  #settle: ((error: Error | undefined) => void) | undefined;
  /** It is at its end, or was closed. */
  #ended = false;

  /** `atOnce` false keeps to the documented interface of zlib. */
  constructor(direction: ZlibDirection, windowBits: number, options: ZlibOptions, atOnce = true) {
    this.direction = direction;
    this.windowBits = windowBits;
    const create = direction === "deflate" ? createDeflateRaw : createInflateRaw;
    this.#stream = create({ ...options, windowBits }) as ZlibTransform;
    this.#stream.on("data", (piece: Buffer) => this.#collect(piece));
    this.#stream.on("error", (error) => this.#fail(new CorruptInputError(error.message)));
    this.#stream.on("end", () => {
      this.#ended = true;
      this.#finish(undefined);
    });
    const handle = this.#stream._handle;
    if (atOnce && typeof handle?.writeSync === "function" && this.#stream._writeState?.length === 2) {
      handle.onerror = (message) => this.#fail(new CorruptInputError(message));
      this.#handle = handle;
    }
  }

  /** Whether {@link step} may be called. */
  get worksAtOnce(): boolean {
    return this.#handle !== undefined;
  }

  /** Whether the stream can't be used any more: it failed, was closed, or its input said that it is at its end. */
  get isSpent(): boolean {
    return this.#ended || this.#failure !== undefined;
  }

  /** Works at once on `input` from `offset` on, as far as the output fits. Throws `CorruptInputError`. */
  step(input: Uint8Array, offset: number): Step {
    const state = this.#stream._writeState!;
    const output = (scratch ??= Buffer.allocUnsafeSlow(SCRATCH_BYTES));
    const left = input.length - offset;
    this.#handle!.writeSync(constants.Z_SYNC_FLUSH, input, offset, left, output, 0, SCRATCH_BYTES);
    if (this.#failure !== undefined) throw this.#failure;
    const [outputLeft, inputLeft] = state as unknown as [number, number];
    return {
      output: output.subarray(0, SCRATCH_BYTES - outputLeft),
      offset: offset + left - inputLeft,
      more: outputLeft === 0,
    };
  }

  /**
   * Works in the thread pool on all of `input` and calls back with what it gives, or with `CorruptInputError`, or with
   * `OutputLimitError` beyond `maxBytes`. `read` bytes were used: not all, if the input said that it is at its end before.
   * One call at a time.
   */
  run(
    input: readonly Uint8Array[],
    maxBytes: number,
    callback: (error: Error | undefined, output: Buffer, read: number) => void,
  ): void {
    this.#maxBytes = maxBytes;
    const before = this.#stream.bytesWritten;
    this.#settle = (error) => {
      const output = Buffer.concat(this.#pieces, this.#bytes);
      this.#pieces = [];
      this.#bytes = 0;
      callback(error, output, this.#stream.bytesWritten - before);
    };
    for (const piece of input) this.#stream.write(piece);
    this.#stream.flush(constants.Z_SYNC_FLUSH, () => this.#finish(undefined));
  }

  /** Forgets what went through. */
  reset(): void {
    this.#stream.reset();
  }

  /** Lets go of the memory; a callback that is due does not come. */
  close(): void {
    this.#settle = undefined;
    this.#ended = true;
    this.#stream.close();
  }

  #collect(piece: Buffer): void {
    this.#bytes += piece.length;
    if (this.#bytes <= this.#maxBytes) this.#pieces.push(piece);
    else if (this.#failure === undefined) this.#fail(new OutputLimitError());
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#finish(error);
  }

  #finish(error: Error | undefined): void {
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.(error);
  }
}
