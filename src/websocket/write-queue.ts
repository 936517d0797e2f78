import type { Duplex } from "node:stream";
import { Batch, type MaskSource, type WriteCallback } from "./batch.ts";
import { ConnectionError } from "./errors.ts";
import { beginTurn, type SharedFrames } from "./shared-frames.ts";

/** The queues that wait for the end of the turn. */
let waiting: WriteQueue[] = [];

function flushWaiting(): void {
  const queues = waiting;
  waiting = [];
  beginTurn();
  for (const queue of queues) queue.flush();
}

/**
 * When one connection's frames are written.
 *
 * Nothing is written at once: all that is queued in a turn of the event loop leaves in one write, at the end of the
 * read that is being handled or else in a microtask. In bursts this is most of the speed of this layer.
 */
export class WriteQueue {
  readonly #stream: Duplex;
  readonly #mask: MaskSource | undefined;
  /** What is queued; undefined if nothing is, which is most of the time. */
  #batch: Batch | undefined;
  /** What the stream had not got rid of after the last write: since then it can only have become less. */
  #lastStreamBytes = 0;
  #held = false;
  #closed = false;

  /** `mask` is given on the client side, where frames are masked. */
  constructor(stream: Duplex, mask: MaskSource | undefined) {
    this.#stream = stream;
    this.#mask = mask;
  }

  /** Bytes accepted and not yet taken by the operating system. */
  get bufferedBytes(): number {
    return this.#queuedBytes + this.#stream.writableLength;
  }

  /** Whether {@link bufferedBytes} is certainly not more than `limit`; cheaper to find out. */
  isCertainlyWithin(limit: number): boolean {
    return this.#queuedBytes + this.#lastStreamBytes <= limit;
  }

  /** Queues the answer to the opening handshake, so that the first frames leave with it. */
  pushAnswer(text: string): void {
    this.#open().pushAnswer(text);
  }

  /** Queues a frame whose payload is text, encoded as UTF-8. */
  pushText(firstByte: number, text: string): void {
    if (this.#closed) return;
    this.#open().pushText(firstByte, text);
  }

  /**
   * Queues a frame. A long payload is not copied unless it must be masked, so it must not change afterwards; with
   * `isBorrowed` it is always copied.
   */
  pushBytes(firstByte: number, payload: Uint8Array, isBorrowed = false): void {
    if (this.#closed) return;
    this.#open().pushBytes(firstByte, payload, isBorrowed);
  }

  /** Queues whole frames that are shared with other connections. */
  pushShared(frames: SharedFrames): void {
    if (this.#closed) return;
    this.#open().pushShared(frames);
  }

  /** Calls back when all that is queued now has been taken by the operating system, or with an error if it can't be. */
  afterWrite(callback: WriteCallback): void {
    if (this.#closed) process.nextTick(callback, closedBefore());
    else this.#open().afterWrite(callback);
  }

  /** Holds back everything until {@link release}: called around the handling of what was read. */
  hold(): void {
    this.#held = true;
  }

  /** Ends {@link hold} and writes what came together meanwhile. */
  release(): void {
    this.#held = false;
    if (this.#batch !== undefined) this.flush();
  }

  /** Writes all that is queued, in one write if it fits. */
  flush(): void {
    const batch = this.#batch;
    if (batch === undefined) return;
    this.#batch = undefined;
    batch.write();
    this.#lastStreamBytes = this.#stream.writableLength;
  }

  /** Drops what is queued, unless it answers the opening handshake, and takes nothing more. */
  close(): void {
    this.#closed = true;
    if (this.#batch?.isAnswer === true) this.#batch.write();
    else this.#batch?.fail(closedBefore());
    this.#batch = undefined;
  }

  get #queuedBytes(): number {
    return this.#batch === undefined ? 0 : this.#batch.length;
  }

  /** The batch to add to, which leaves in time. */
  #open(): Batch {
    const batch = (this.#batch ??= new Batch(this.#stream, this.#mask));
    if (this.#held || batch.isScheduled) return batch;
    batch.isScheduled = true;
    if (waiting.length === 0) queueMicrotask(flushWaiting);
    waiting.push(this);
    return batch;
  }
}

function closedBefore(): ConnectionError {
  return new ConnectionError("WS_ERR_NOT_OPEN", "The connection was closed before this was sent.");
}
