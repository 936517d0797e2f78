import { EventError } from "../shared/event-error.ts";
import type { AckCallback } from "../shared/pending-acks.ts";
import { type OutgoingEvent, SendBuffer } from "./send-buffer.ts";

/** An event that is sent until it is acknowledged. */
export interface RetriedEvent extends OutgoingEvent {
  readonly id: number;
  /** How long each try may take, in milliseconds; undefined for as long as the connection lasts. */
  readonly timeoutMs: number | undefined;
  /** Told in the end: null and what the acknowledgement brings, or the error of the last try. */
  readonly callback: AckCallback;
}

/** What a queue needs of its socket. */
export interface RetryHost {
  readonly connected: boolean;
  /** Sends an event; `onDone` is told what became of this try. */
  sendOnce(event: RetriedEvent, onDone: AckCallback): void;
}

/** Events that are sent one after the other: each until it is acknowledged, or was tried often enough. */
export class RetryQueue extends SendBuffer<RetriedEvent> {
  readonly #retries: number;
  readonly #host: RetryHost;
  #tries = 0;
  #isTrying = false;

  /** `retries` is how often one is sent again. */
  constructor(retries: number, host: RetryHost) {
    super();
    this.#retries = retries;
    this.#host = host;
  }

  /** Sends the first one, unless it is under way or there is no connection. */
  next(): void {
    const event = this.at(0);
    if (event === undefined || this.#isTrying || !this.#host.connected) return;
    this.#isTrying = true;
    this.#tries += 1;
    this.#host.sendOnce(event, (error, ...results) => this.#onDone(event, error, results));
  }

  #onDone(event: RetriedEvent, error: unknown, results: readonly unknown[]): unknown {
    this.#isTrying = false;
    // What the server says about it is an answer: it would be the same again.
    const isLast = error === null || error instanceof EventError || this.#tries > this.#retries;
    if (isLast) {
      this.take(1);
      this.#tries = 0;
    }
    this.next();
    return isLast ? event.callback(error, ...results) : undefined;
  }
}
