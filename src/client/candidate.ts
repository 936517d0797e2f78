import { readOpenPacket } from "./session.ts";
import type { SessionFacts } from "./session-facts.ts";
import type { Transport, TransportSink } from "./transport.ts";
import type { OpenTransport } from "./transports/open.ts";

/** What becomes of a candidate: one of the two, once. */
export interface CandidateSink {
  onOpened(): void;
  onFailed(error: Error | undefined): void;
}

/** A transport that has not brought the open packet yet. */
export class Candidate implements TransportSink {
  readonly transport: Transport;
  readonly #facts: SessionFacts;
  readonly #sink: CandidateSink;

  constructor(
    openTransport: OpenTransport,
    kind: Parameters<OpenTransport>[0],
    facts: SessionFacts,
    sink: CandidateSink,
  ) {
    this.#facts = facts;
    this.#sink = sink;
    this.transport = openTransport(kind, facts, this);
  }

  /** Gives it up. */
  cancel(): void {
    this.transport.destroy();
  }

  onTransportOpen(): void {}

  receivePacket(packet: string): void {
    try {
      this.#facts.open(readOpenPacket(packet));
    } catch (error) {
      this.transport.destroy();
      this.#sink.onFailed(error as Error);
      return;
    }
    this.#sink.onOpened();
  }

  receiveBinary(): void {}

  onUploaded(): void {}

  onTransportClose(error: Error | undefined): void {
    this.#sink.onFailed(error);
  }
}
