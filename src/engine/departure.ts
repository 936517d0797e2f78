import { DeafSink } from "./deaf-sink.ts";
import type { Transport } from "./transport.ts";

/** Hears the last of a transport that no session has any more: only that it is gone. */
export class Departure extends DeafSink {
  readonly #transport: Transport;
  readonly #departing: Departing;

  constructor(transport: Transport, departing: Departing) {
    super();
    this.#transport = transport;
    this.#departing = departing;
  }

  override onTransportClose(): void {
    this.#departing.onDeparted(this.#transport);
  }
}

/** Who waits for transports to be gone. */
export interface Departing {
  onDeparted(transport: Transport): void;
}
