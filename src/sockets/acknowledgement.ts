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
    if (this.#take()) this.#socket.sendAck(this.#id, data);
  };

  fail(error: EventError): void {
    if (this.#socket.wantsErrors && this.#take()) this.#socket.sendAckError(this.#id, error);
  }

  #take(): boolean {
    if (this.#isGiven || !this.#socket.connected) return false;
    this.#isGiven = true;
    return true;
  }
}
