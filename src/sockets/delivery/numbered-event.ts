import type { EventError } from "../../shared/event-error.ts";
import type { AwaitedEvent } from "../awaited-acknowledgement.ts";
import type { Inbound } from "./inbound.ts";
import type { Seat } from "./seat.ts";

/** What an event of an outbox needs of its namespace. */
export interface NumberedHost {
  /** Sends an answer to whoever holds a seat, when it is in the log. Throws for one that can't be encoded. */
  answer(seat: Seat, type: "ack" | "connect_error", id: number, data: unknown): void;
  /** An event is handled; `hasMoved`: and so are all before it. */
  onHandled(inbound: Inbound<Seat>, hasMoved: boolean): void;
}

/** An event of a client's outbox that is under way. The client may lose its session meanwhile, and come back to another seat. */
export class NumberedEvent implements AwaitedEvent {
  readonly wantsErrors: boolean;
  readonly #host: NumberedHost;
  readonly #inbound: Inbound<Seat>;
  readonly #sequence: number;

  constructor(host: NumberedHost, inbound: Inbound<Seat>, sequence: number, wantsErrors: boolean) {
    this.wantsErrors = wantsErrors;
    this.#host = host;
    this.#inbound = inbound;
    this.#sequence = sequence;
  }

  /** Whoever has the seat when it is answered gets the answer. */
  get connected(): boolean {
    return true;
  }

  sendAck(id: number, data: unknown[]): void {
    this.#host.answer(this.#inbound.seat, "ack", id, data);
  }

  sendAckError(id: number, { code, message, data }: EventError): void {
    this.#host.answer(this.#inbound.seat, "connect_error", id, { code, message, data });
  }

  onDropped(): void {
    this.#inbound.drop(this.#sequence);
  }

  onDone(): void {
    this.#host.onHandled(this.#inbound, this.#inbound.finish(this.#sequence));
  }
}
