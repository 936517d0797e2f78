import type { ZlibPool } from "./zlib-pool.ts";
import type { ZlibStream } from "./zlib-stream.ts";

/** A longer message is compressed in the thread pool, so that it does not hold up the others. */
const MAX_AT_ONCE_BYTES = 32 * 1024;
/** What a sync flush ends with, and what is left out on the wire (RFC 7692 §7.2.1). */
const TAIL_BYTES = 4;
/** An empty message (RFC 7692 §7.2.3.6). */
const EMPTY_MESSAGE = Buffer.from([0]);

/** Compresses the messages of one direction of one connection, one after the other. */
export class Compressor {
  readonly #pool: ZlibPool;
  readonly #windowBits: number;
  readonly #keepsHistory: boolean;
  #own: ZlibStream | undefined;
  #hasHistory = false;
  /** Leaves the thread pool. */
  #leave: (() => void) | undefined;
  #closed = false;

  constructor(pool: ZlibPool, windowBits: number, keepsHistory: boolean) {
    this.#pool = pool;
    this.#windowBits = windowBits;
    this.#keepsHistory = keepsHistory;
  }

  /**
   * Compresses a message. A short one is returned, in memory that is valid until the next call; for a long one, undefined is
   * returned and `later` is called, unless {@link close} is called before. Not to be called again before that.
   */
  compress(payload: Uint8Array, later: (compressed: Buffer) => void): Buffer | undefined {
    if (payload.length === 0) return EMPTY_MESSAGE;
    const stream = this.#own ?? this.#pool.acquire("deflate", this.#windowBits);
    if (this.#keepsHistory) this.#own = stream;
    this.#hasHistory = true;
    if (stream.worksAtOnce && payload.length <= MAX_AT_ONCE_BYTES) {
      const compressed = compressAtOnce(stream, payload);
      this.#release(stream);
      return compressed;
    }
    this.#pool.enter((done) => {
      if (this.#closed) {
        done();
        this.#release(stream);
        return;
      }
      this.#leave = done;
      stream.run([payload], Number.POSITIVE_INFINITY, (error, output) => {
        this.#leave = undefined;
        done();
        this.#release(stream);
        if (this.#closed) return;
        // Deflate takes any input: only memory can be missing.
        if (error !== undefined) throw error;
        later(output.subarray(0, output.length - TAIL_BYTES));
      });
    });
    return undefined;
  }

  /** The peer got a message that did not go through here: what follows must not refer to what came before it. */
  forget(): void {
    if (!this.#hasHistory) return;
    this.#own?.reset();
    this.#hasHistory = false;
  }

  /** Lets go of the memory; a message that is being compressed is dropped. */
  close(): void {
    this.#closed = true;
    if (this.#own === undefined) return;
    this.#own.close();
    this.#own = undefined;
    // It would not call back any more.
    this.#leave?.();
  }

  #release(stream: ZlibStream): void {
    if (stream !== this.#own) this.#pool.release(stream);
  }
}

function compressAtOnce(stream: ZlibStream, payload: Uint8Array): Buffer {
  let { output, offset, more } = stream.step(payload, 0);
  if (!more) return output.subarray(0, output.length - TAIL_BYTES);
  const pieces = [Buffer.from(output)];
  while (more) {
    ({ output, offset, more } = stream.step(payload, offset));
    pieces.push(Buffer.from(output));
  }
  const whole = Buffer.concat(pieces);
  return whole.subarray(0, whole.length - TAIL_BYTES);
}
