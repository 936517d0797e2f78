import { ProtocolError } from "../../protocol/index.ts";
import type { ZlibPool } from "./zlib-pool.ts";
import { CorruptInputError, OutputLimitError, type ZlibStream } from "./zlib-stream.ts";

/** A longer message is inflated in the thread pool. */
const MAX_AT_ONCE_BYTES = 32 * 1024;
/** And so is the rest of a short one that turns out longer than this: a bomb must not hold up the others. */
const MAX_AT_ONCE_OUTPUT_BYTES = 256 * 1024;
/** What was left out on the wire (RFC 7692 §7.2.2). */
const TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff]);

/** Inflates the messages of one direction of one connection, one after the other. */
export class Decompressor {
  readonly #pool: ZlibPool;
  readonly #windowBits: number;
  readonly #keepsHistory: boolean;
  readonly #maxBytes: number;
  #own: ZlibStream | undefined;
  /** Leaves the thread pool. */
  #leave: (() => void) | undefined;
  #closed = false;

  /** `maxBytes`: the longest message that is accepted, inflated (0: no limit). */
  constructor(pool: ZlibPool, windowBits: number, keepsHistory: boolean, maxBytes: number) {
    this.#pool = pool;
    this.#windowBits = windowBits;
    this.#keepsHistory = keepsHistory;
    this.#maxBytes = maxBytes;
  }

  /**
   * Inflates a message. A short one is returned; for a long one, undefined is returned and `later` is called, unless
   * {@link close} is called before. Not to be called again before that. What is returned is the caller's.
   * The error is a `ProtocolError`: 1007 if the data is not deflate's, 1009 if the message is too long.
   */
  decompress(
    payload: Uint8Array,
    later: (error: ProtocolError | undefined, message: Buffer) => void,
  ): Buffer | undefined {
    const stream = this.#own ?? this.#pool.acquire("inflate", this.#windowBits);
    if (this.#keepsHistory) this.#own = stream;
    let pieces: Buffer[] = [];
    let rest: readonly Uint8Array[] = [payload, TAIL];
    if (stream.worksAtOnce && payload.length <= MAX_AT_ONCE_BYTES) {
      const result = this.#inflateAtOnce(stream, payload);
      if (result.rest === undefined) {
        this.#release(stream);
        return result.pieces.length === 1 ? result.pieces[0]! : Buffer.concat(result.pieces);
      }
      ({ pieces, rest } = result);
    }
    const before = byteLength(pieces);
    this.#pool.enter((done) => {
      if (this.#closed) {
        done();
        this.#release(stream);
        return;
      }
      this.#leave = done;
      stream.run(
        rest,
        this.#maxBytes === 0 ? Number.POSITIVE_INFINITY : this.#maxBytes - before,
        (error, output) => {
          this.#leave = undefined;
          done();
          if (error === undefined) this.#release(stream);
          else this.#discard(stream);
          if (this.#closed) return;
          if (error === undefined) later(undefined, Buffer.concat([...pieces, output]));
          else later(this.#translate(error), output);
        },
      );
    });
    return undefined;
  }

  /** Lets go of the memory; a message that is being inflated is dropped. */
  close(): void {
    this.#closed = true;
    if (this.#own === undefined) return;
    this.#own.close();
    this.#own = undefined;
    // It would not call back any more.
    this.#leave?.();
  }

  #inflateAtOnce(
    stream: ZlibStream,
    payload: Uint8Array,
  ): { pieces: Buffer[]; rest: readonly Uint8Array[] | undefined } {
    const pieces: Buffer[] = [];
    let total = 0;
    try {
      for (const input of [payload, TAIL]) {
        let offset = 0;
        let isNew = false;
        for (let more = true; more || offset < input.length;) {
          const step = stream.step(input, offset);
          if (step.output.length > 0) pieces.push(Buffer.from(step.output));
          total += step.output.length;
          if (this.#maxBytes > 0 && total > this.#maxBytes) throw new OutputLimitError();
          if (total > MAX_AT_ONCE_OUTPUT_BYTES) {
            return {
              pieces,
              rest: input === TAIL ? [TAIL.subarray(step.offset)] : [payload.subarray(step.offset), TAIL],
            };
          }
          more = step.more;
          if (!more && step.offset < input.length) {
            if (isNew && step.offset === offset) throw new CorruptInputError("nothing more can be read");
            // A block said that it is the last one (RFC 7692 §7.2.3.4): what follows begins anew.
            stream.reset();
            if (input === TAIL) break;
            isNew = true;
          } else isNew = false;
          offset = step.offset;
        }
      }
    } catch (error) {
      this.#discard(stream);
      throw this.#translate(error as Error);
    }
    return { pieces, rest: undefined };
  }

  /** Takes a stream back; one that has reached its end is replaced for the next message. */
  #release(stream: ZlibStream): void {
    if (stream !== this.#own) this.#pool.release(stream);
    else if (stream.isSpent) this.#discard(stream);
  }

  #discard(stream: ZlibStream): void {
    if (stream === this.#own) this.#own = undefined;
    stream.close();
  }

  #translate(error: Error): ProtocolError {
    if (error instanceof OutputLimitError) {
      return new ProtocolError(
        "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH",
        `The message, inflated, is longer than the ${this.#maxBytes} bytes that are accepted.`,
      );
    }
    if (error instanceof CorruptInputError) {
      return new ProtocolError("WS_ERR_INVALID_COMPRESSED_DATA", "The message is not valid deflate data.");
    }
    throw error;
  }
}

function byteLength(pieces: readonly Buffer[]): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0);
}
