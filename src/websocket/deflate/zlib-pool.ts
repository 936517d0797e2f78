import { constants, deflateRawSync, type ZlibOptions } from "node:zlib";
import { type ZlibDirection, ZlibStream } from "./zlib-stream.ts";

/** How compression may use the machine. */
export interface ZlibPoolOptions {
  /** For `zlib.createDeflateRaw`: level, memLevel, strategy. */
  readonly deflate: ZlibOptions;
  /** For `zlib.createInflateRaw`. */
  readonly inflate: ZlibOptions;
  /** How many long messages may be worked on in the thread pool at a time. */
  readonly concurrencyLimit: number;
  /** False keeps to the documented interface of zlib: everything goes through the thread pool. */
  readonly atOnce: boolean;
}

/** Streams without history that are kept for the next message. */
const MAX_IDLE_STREAMS = 4;

/** Makes zlib streams, lends those that need no history, and lets only so many work in the thread pool. */
export class ZlibPool {
  readonly #options: ZlibPoolOptions;
  readonly #idle: ZlibStream[] = [];
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(options: ZlibPoolOptions) {
    this.#options = options;
  }

  /** A stream without history: one that is idle, or a new one. */
  acquire(direction: ZlibDirection, windowBits: number): ZlibStream {
    const index = this.#idle.findIndex(
      (stream) => stream.direction === direction && stream.windowBits === windowBits,
    );
    if (index >= 0) return this.#idle.splice(index, 1)[0]!;
    return new ZlibStream(direction, windowBits, this.#options[direction], this.#options.atOnce);
  }

  /** Gives a stream back: its history is forgotten. */
  release(stream: ZlibStream): void {
    if (stream.isSpent || this.#idle.length >= MAX_IDLE_STREAMS) {
      stream.close();
      return;
    }
    stream.reset();
    this.#idle.push(stream);
  }

  /** Compresses a message that refers to nothing before it, at once. */
  compressOnce(payload: Uint8Array, windowBits: number): Uint8Array {
    const compressed = deflateRawSync(payload, {
      ...this.#options.deflate,
      windowBits,
      finishFlush: constants.Z_SYNC_FLUSH,
    });
    // RFC 7692 §7.2.1: the four bytes that a flush ends with are left out.
    return compressed.subarray(0, compressed.length - 4);
  }

  /** Calls `work` as soon as the thread pool may be used; it must call `done` at its end. */
  enter(work: (done: () => void) => void): void {
    if (this.#running >= this.#options.concurrencyLimit) {
      this.#waiting.push(() => this.enter(work));
      return;
    }
    this.#running += 1;
    let isDone = false;
    work(() => {
      if (isDone) return;
      isDone = true;
      this.#running -= 1;
      this.#waiting.shift()?.();
    });
  }
}
