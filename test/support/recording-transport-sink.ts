import type { TransportSink } from "../../src/client/transport.ts";

/** Keeps what a transport of the client reports, as lists of a name and what came with it. */
export class RecordingTransportSink implements TransportSink {
  #told: unknown[][] = [];

  onTransportOpen(): void {
    this.#told.push(["open"]);
  }

  receivePacket(packet: string): void {
    this.#told.push(["packet", packet]);
  }

  receiveBinary(data: Uint8Array): void {
    this.#told.push(["binary", data]);
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
