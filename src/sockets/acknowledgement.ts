import { EventError } from "../shared/event-error.ts";

/** What is told of a handler that failed with anything but an error of its own for the client. */
export const HANDLER_FAILED: EventError = new EventError(
  "handler_failed",
  "The handler of this event failed.",
);

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
  readonly #id: number | undefined;
  #isGiven = false;

  /** @param id undefined: the client waits for none */
  constructor(socket: Answering, id: number | undefined) {
    this.#socket = socket;
    this.#id = id;
  }

  /** Whether the client waits for it. */
  get isWanted(): boolean {
    return this.#id !== undefined;
  }

  /** What listeners call. */
  readonly give = (...data: unknown[]): void => {
    if (!this.#isDue || this.#id === undefined) return;
    this.#socket.sendAck(this.#id, data);
    // Last: what can't be sent was thrown at the listener, and the client can still be told that it failed.
    this.#isGiven = true;
  };

  fail(error: EventError): void {
    if (!this.#socket.wantsErrors || !this.#isDue || this.#id === undefined) return;
    this.#isGiven = true;
    this.#socket.sendAckError(this.#id, error);
  }

  /** Somebody who may still {@link hold} it has it, until {@link release} is said once more. */
  retain(): void {}

  /** What a listener has begun goes on for as long. */
  hold(_work: PromiseLike<unknown>): void {}

  /** The event was handed to its listeners, or to nobody; or whoever has retained it is done with it. */
  release(): void {}

  /** The event was not handed on: the socket is gone. */
  drop(): void {}

  get #isDue(): boolean {
    return !this.#isGiven && this.#socket.connected;
  }
}
