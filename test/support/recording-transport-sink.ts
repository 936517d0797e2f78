import type { TransportSink } from "../../src/client/transport.ts";
import type { Message } from "../../src/packets/index.ts";

/** Keeps what a transport of the client reports, as lists of a name and what came with it. */
export class RecordingTransportSink implements TransportSink {
  #told: unknown[][] = [];

  onTransportOpen(): void {
    this.#told.push(["open"]);
  }

  receive(packet: Message): void {
    this.#told.push([typeof packet === "string" ? "packet" : "binary", packet]);
  }

  onUploaded(count: number): void {
    this.#told.push(["uploaded", count]);
  }

  onTransportClose(error: Error | undefined): void {
    this.#told.push(["close", error]);
  }

  /** What was reported since the last call. */
  take(): unknown[][] {
    return this.#told.splice(0);
  }
}
