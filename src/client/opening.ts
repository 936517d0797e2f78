import { enginePacketType, PacketError } from "../packets/index.ts";
import type { Clock, Timer } from "../shared/clock.ts";
import type { TransportName } from "./options.ts";
import { kindOf, type TransportPlan } from "./plan.ts";
import type { SessionFacts } from "./session-facts.ts";
import type { Transport, TransportSink } from "./transport.ts";
import type { OpenTransport } from "./transports/open.ts";

/** What becomes of an opening: one of the two, once. */
export interface OpeningSink {
  /** `isLater`: another one had its chance first. */
  onOpened(transport: Transport, facts: SessionFacts, isLater: boolean): void;
  /** All ways failed; with the error of the first. */
  onOpeningFailed(error: Error | undefined): void;
}

/** Opens a session by one transport, or by the first of several that gets through. */
export class Opening {
  readonly #openTransport: OpenTransport;
  readonly #plan: TransportPlan;
  readonly #clock: Clock;
  readonly #sink: OpeningSink;
  readonly #waiting: TransportName[];
  readonly #candidates = new Set<Candidate>();
  #timer: Timer | undefined;
  #failure: { readonly error: Error | undefined } | undefined;

  /** Throws what opening the first transport throws. */
  constructor(openTransport: OpenTransport, plan: TransportPlan, clock: Clock, sink: OpeningSink) {
    this.#openTransport = openTransport;
    this.#plan = plan;
    this.#clock = clock;
    this.#sink = sink;
    this.#waiting = [...plan.opening];
    this.#startNext();
  }

  /** Gives up. */
  cancel(): void {
    this.#timer?.cancel();
    for (const candidate of this.#candidates) candidate.transport.destroy();
    this.#candidates.clear();
  }

  #startNext(): void {
    this.#timer?.cancel();
    const name = this.#waiting.shift();
    if (name === undefined) return;
    const isLater = this.#waiting.length + 1 < this.#plan.opening.length;
    try {
      this.#candidates.add(this.#start(name, isLater));
    } catch (error) {
      // A page of https may not even try ws.
      if (!isLater && this.#waiting.length === 0) throw error;
      this.#failed(error as Error);
      return;
    }
    const { raceDelayMs } = this.#plan;
    if (raceDelayMs !== undefined) this.#timer = this.#clock.setTimeout(() => this.#startNext(), raceDelayMs);
  }

  #start(name: TransportName, isLater: boolean): Candidate {
    const facts = this.#plan.newSession(name);
    const candidate: Candidate = new Candidate(this.#openTransport, kindOf(name), facts, {
      onOpened: () => {
        this.#candidates.delete(candidate);
        this.cancel();
        this.#sink.onOpened(candidate.transport, facts, isLater);
      },
      onFailed: (error) => {
        this.#candidates.delete(candidate);
        this.#failed(error);
      },
    });
    return candidate;
  }

  #failed(error: Error | undefined): void {
    this.#failure ??= { error };
    if (this.#waiting.length > 0) this.#startNext();
    else if (this.#candidates.size === 0) {
      this.cancel();
      this.#sink.onOpeningFailed(this.#failure.error);
    }
  }
}

interface CandidateSink {
  onOpened(): void;
  onFailed(error: Error | undefined): void;
}

/** A transport that has not brought the open packet yet. */
class Candidate implements TransportSink {
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

  onTransportOpen(): void {}

  receivePacket(packet: string): void {
    try {
      if (enginePacketType(packet) !== "open") {
        throw new PacketError("The first packet must be an open packet.");
      }
      this.#facts.open(packet.slice(1));
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
