import type { EventError } from "../shared/event-error.ts";

/** A socket as its acknowledgements see it. */
export interface Answering {
  readonly connected: boolean;
  /** Whether the client wants to be told of handlers that fail; else it goes on waiting for somebody to acknowledge. */
  readonly wantsErrors: boolean;
  sendAck(id: number, data: unknown[]): void;
  sendAckError(id: number, error: EventError): void;
}

/** The answer that a client waits for: given once, as what a listener acknowledges with or as an error. */
export class Acknowledgement {
  readonly #socket: Answering;
  readonly #id: number;
  #isGiven = false;

  constructor(socket: Answering, id: number) {
    this.#socket = socket;
    this.#id = id;
  }

  /** What listeners call. */
  readonly give = (...data: unknown[]): void => {
    if (!this.#isDue) return;
    this.#socket.sendAck(this.#id, data);
    // Last: what can't be sent was thrown at the listener, and the client can still be told that it failed.
    this.#isGiven = true;
  };

  fail(error: EventError): void {
    if (!this.#socket.wantsErrors || !this.#isDue) return;
    this.#isGiven = true;
    this.#socket.sendAckError(this.#id, error);
  }

  get #isDue(): boolean {
    return !this.#isGiven && this.#socket.connected;
  }
}
