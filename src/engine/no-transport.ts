import type { Transport, TransportName, TransportSink } from "./transport.ts";

/**
 * Stands for the transport that a link has lost: nothing goes out, as it will be sent again on the next one.
 */
export class NoTransport implements Transport {
  /** The name of the one that was lost. */
  readonly name: TransportName;
  readonly bufferedBytes = 0;
  #sink: TransportSink;

  constructor(name: TransportName, sink: TransportSink) {
    this.name = name;
    this.#sink = sink;
  }

  start(): void {}

  redirect(sink: TransportSink): void {
    this.#sink = sink;
  }

  pause(): void {}

  resume(): void {}

  sendPacket(): void {}

  sendBinary(): void {}

  sendPrepared(): void {}

  close(): void {
    this.#sink.onTransportClose(false, "there was no transport");
  }

  destroy(): void {
    this.close();
  }
}
