import type { Duplex } from "node:stream";
import { CLOSE_ABNORMAL } from "../protocol/index.ts";
import type { Timer } from "../shared/clock.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import type { Sender } from "./sender.ts";
import type { WriteQueue } from "./write-queue.ts";

const NO_REASON = Buffer.alloc(0);

/** How a connection ends (RFC 6455 §7.1): the close frame sent, the one received, and the time until the stream must be gone. */
export class CloseHandshake {
  readonly #stream: Duplex;
  readonly #queue: WriteQueue;
  readonly #sender: Sender;
  readonly #options: ConnectionOptions;
  #code = CLOSE_ABNORMAL;
  #reason: Buffer = NO_REASON;
  #isSent = false;
  #timer: Timer | undefined;

  constructor(stream: Duplex, queue: WriteQueue, sender: Sender, options: ConnectionOptions) {
    this.#stream = stream;
    this.#queue = queue;
    this.#sender = sender;
    this.#options = options;
  }

  /** What the peer said; 1006 if it did not. */
  get code(): number {
    return this.#code;
  }

  /** And why; empty if it did not. */
  get reason(): Buffer {
    return this.#reason;
  }

  /** A close frame came: the peer sends nothing more. */
  receive(code: number, reason: Buffer): void {
    this.#code = code;
    this.#reason = reason;
    this.awaitEnd();
  }

  /** Sends a close frame, if none was sent, and calls back when it has been given to the stream. */
  send(payload: Uint8Array, onSent: () => void): void {
    const flush = (): void => {
      this.#queue.flush();
      onSent();
    };
    if (this.#isSent) {
      this.#sender.afterQueued(flush);
      return;
    }
    this.#isSent = true;
    this.#sender.sendClose(payload, flush);
  }

  /** The stream must end in time, or is destroyed. */
  awaitEnd(): void {
    this.#timer ??= this.#options.clock.setTimeout(
      () => this.#stream.destroy(),
      this.#options.closeTimeoutMs,
    );
  }

  /** The stream is gone. */
  finish(): void {
    this.#timer?.cancel();
  }
}
