import type { Transport, TransportSink } from "./transport.ts";

/** Hears the last of a transport that no session has any more: only that it is gone. */
export class Departure implements TransportSink {
  readonly #transport: Transport;
  readonly #departing: Departing;

  constructor(transport: Transport, departing: Departing) {
    this.#transport = transport;
    this.#departing = departing;
  }

  receivePacket(): void {}

  receiveBinary(): void {}

  fail(): void {}

  receiveAck(): number {
    return 0;
  }

  onRenewed(): void {}

  receiveSequence(): number {
    return 0;
  }

  onTransportLost(): void {}

  onTransportClose(): void {
    this.#departing.onDeparted(this.#transport);
  }

  onTransportError(): void {}
}

/** Who waits for transports to be gone. */
export interface Departing {
  onDeparted(transport: Transport): void;
}
