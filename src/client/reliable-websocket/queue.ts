import { ReliableWebSocketError } from "./errors.ts";
import type { QueueOverflow } from "./options.ts";

/** What can be sent at once; a Blob must be read first. */
export type Sendable = string | Uint8Array;

/** A message that waits. */
interface Waiting {
  data: Sendable | Blob;
  readonly bytes: number;
}

/** How much may wait, and what happens then. */
export interface QueueLimits {
  readonly maxQueuedMessages: number;
  readonly maxQueuedBytes: number;
  readonly overflow: QueueOverflow;
}

/** Messages that wait for a connection, in order, within limits. */
export class SendQueue {
  readonly #limits: QueueLimits;
  readonly #onDrop: (data: Sendable | Blob) => unknown;
  #waiting: Waiting[] = [];
  #bytes = 0;

  /** `onDrop` is told of each message that is left out. */
  constructor(limits: QueueLimits, onDrop: (data: Sendable | Blob) => unknown) {
    this.#limits = limits;
    this.#onDrop = onDrop;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** The bytes that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds a message of so many bytes. Returns whether it waits now; throws if it can't and `overflow` is `error`. */
  add(data: Sendable | Blob, bytes: number): boolean {
    const { maxQueuedMessages, maxQueuedBytes, overflow } = this.#limits;
    const fits = (): boolean =>
      this.#waiting.length < maxQueuedMessages && this.#bytes + bytes <= maxQueuedBytes;
    if (overflow === "drop-oldest" && bytes <= maxQueuedBytes) {
      while (!fits() && !this.isEmpty) this.#onDrop(this.#shift().data);
    }
    if (fits()) {
      this.#waiting.push({ data, bytes });
      this.#bytes += bytes;
      return true;
    }
    if (overflow === "error") {
      throw new ReliableWebSocketError(
        "RWS_ERR_QUEUE_FULL",
        `There is no connection, and no room for a message of ${bytes} bytes: ${this.#waiting.length} messages with ${this.#bytes} bytes wait, of ${maxQueuedMessages} and ${maxQueuedBytes} that may.`,
      );
    }
    this.#onDrop(data);
    return false;
  }

  /** A Blob has been read; nothing if it does not wait any more. */
  replace(blob: Blob, data: Sendable): void {
    const entry = this.#waiting.find((waiting) => waiting.data === blob);
    if (entry !== undefined) entry.data = data;
  }

  /** A Blob can't be read. Returns whether it waited still. */
  remove(blob: Blob): boolean {
    const at = this.#waiting.findIndex((waiting) => waiting.data === blob);
    if (at < 0) return false;
    this.#bytes -= this.#waiting.splice(at, 1)[0]!.bytes;
    return true;
  }

  /** Takes the next message out; undefined if there is none, or if it is a Blob that is being read. */
  take(): Sendable | undefined {
    const data = this.#waiting[0]?.data;
    if (data === undefined || data instanceof Blob) return undefined;
    this.#shift();
    return data;
  }

  /** Forgets all of them, and returns how many bytes they were. */
  clear(): number {
    const bytes = this.#bytes;
    this.#waiting = [];
    this.#bytes = 0;
    return bytes;
  }

  #shift(): Waiting {
    const first = this.#waiting.shift()!;
    this.#bytes -= first.bytes;
    return first;
  }
}
