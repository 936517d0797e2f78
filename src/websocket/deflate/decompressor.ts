import { ProtocolError } from "../../protocol/index.ts";
import type { ZlibPool } from "./zlib-pool.ts";
import { CorruptInputError, OutputLimitError, type ZlibStream } from "./zlib-stream.ts";

/** A longer message is inflated in the thread pool. */
const MAX_AT_ONCE_BYTES = 32 * 1024;
/** And so is the rest of a short one that turns out longer than this: a bomb must not hold up the others. */
const MAX_AT_ONCE_OUTPUT_BYTES = 256 * 1024;
/** What was left out on the wire (RFC 7692 §7.2.2). */
const TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff]);
const NOTHING = Buffer.alloc(0);

/** A message that is being inflated. */
interface Inflation {
  readonly payload: Uint8Array;
  /** How much of the payload, and of the tail behind it, was read. */
  offset: number;
  readonly pieces: Buffer[];
  /** How long the pieces are together. */
  bytes: number;
  /** Where it began anew the last time. */
  restart: number;
}

type InflatedCallback = (error: ProtocolError | undefined, message: Buffer) => void;

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
    this.#maxBytes = maxBytes === 0 ? Number.POSITIVE_INFINITY : maxBytes;
  }

  /**
   * Inflates a message. A short one is returned; for a long one, undefined is returned and `later` is called, unless
   * {@link close} is called before. Not to be called again before that. What is returned is the caller's.
   * The error is a `ProtocolError`: 1007 if the data is not deflate's, 1009 if the message is too long.
   */
  decompress(payload: Uint8Array, later: InflatedCallback): Buffer | undefined {
    const stream = this.#acquire();
    const message: Inflation = { payload, offset: 0, pieces: [], bytes: 0, restart: -1 };
    if (stream.worksAtOnce && payload.length <= MAX_AT_ONCE_BYTES) {
      let isWhole: boolean;
      try {
        isWhole = this.#inflateAtOnce(stream, message);
      } catch (error) {
        throw this.#failure(stream, error);
      }
      if (isWhole) {
        this.#release(stream);
        return contentOf(message);
      }
    }
    this.#inflateInPool(stream, message, later);
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

  /** Goes on at once as far as is fair to others; returns whether the message is whole. */
  #inflateAtOnce(stream: ZlibStream, message: Inflation): boolean {
    const { payload, offset } = message;
    const maxBytes = message.bytes + MAX_AT_ONCE_OUTPUT_BYTES;
    const end = offset + MAX_AT_ONCE_BYTES;
    if (end < payload.length) {
      this.#stepThrough(stream, message, payload.subarray(0, end), 0, maxBytes);
      return false;
    }
    return (
      this.#stepThrough(stream, message, payload, 0, maxBytes) &&
      this.#stepThrough(stream, message, TAIL, payload.length, maxBytes)
    );
  }

  /** Inflates `input`, which stands `base` bytes into the message, unless more than `maxBytes` come out; returns whether it is done. */
  #stepThrough(
    stream: ZlibStream,
    message: Inflation,
    input: Uint8Array,
    base: number,
    maxBytes: number,
  ): boolean {
    for (let more = true; more || message.offset < base + input.length;) {
      const step = stream.step(input, message.offset - base);
      if (step.output.length > 0) message.pieces.push(Buffer.from(step.output));
      message.bytes += step.output.length;
      message.offset = base + step.offset;
      if (message.bytes > this.#maxBytes) throw new OutputLimitError();
      if (message.bytes > maxBytes) return false;
      ({ more } = step);
      if (!more && step.offset < input.length) {
        stream.reset();
        if (input === TAIL) break;
        beginAnew(message);
      }
    }
    return true;
  }

  #inflateInPool(stream: ZlibStream, message: Inflation, later: InflatedCallback): void {
    this.#pool.enter((done) => {
      if (this.#closed) {
        done();
        this.#release(stream);
        return;
      }
      this.#leave = done;
      stream.run(restOf(message), this.#maxBytes - message.bytes, (error, output, read) => {
        this.#leave = undefined;
        done();
        const failure = error === undefined ? undefined : this.#failure(stream, error);
        const isAtEnd = stream.isSpent;
        if (failure === undefined) this.#release(stream);
        if (this.#closed) return;
        if (failure !== undefined) {
          later(failure, output);
          return;
        }
        message.pieces.push(output);
        message.bytes += output.length;
        message.offset += read;
        if (isAtEnd && message.offset < message.payload.length) this.#continueAnew(message, later);
        else later(undefined, contentOf(message));
      });
    });
  }

  /** Inflates what follows a last block: at once for a while, as there may be thousands of them. */
  #continueAnew(message: Inflation, later: InflatedCallback): void {
    const stream = this.#acquire();
    let isWhole: boolean;
    try {
      beginAnew(message);
      isWhole = stream.worksAtOnce && this.#inflateAtOnce(stream, message);
    } catch (error) {
      later(this.#failure(stream, error), NOTHING);
      return;
    }
    if (isWhole) {
      this.#release(stream);
      later(undefined, contentOf(message));
    } else this.#inflateInPool(stream, message, later);
  }

  #acquire(): ZlibStream {
    const stream = this.#own ?? this.#pool.acquire("inflate", this.#windowBits);
    if (this.#keepsHistory) this.#own = stream;
    return stream;
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

  /** Discards the stream, and says what the peer did wrong. */
  #failure(stream: ZlibStream, error: unknown): ProtocolError {
    this.#discard(stream);
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

/** A block said that it is the last one (RFC 7692 §7.2.3.4): what follows begins anew, and must get on. */
function beginAnew(message: Inflation): void {
  if (message.restart === message.offset) throw new CorruptInputError("nothing more can be read");
  message.restart = message.offset;
}

function restOf({ payload, offset }: Inflation): Uint8Array[] {
  return offset < payload.length
    ? [payload.subarray(offset), TAIL]
    : [TAIL.subarray(offset - payload.length)];
}

function contentOf({ pieces }: Inflation): Buffer {
  return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
}
