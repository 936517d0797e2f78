import type { Clock, Timer } from "../shared/clock.ts";
import type { TransportName } from "./options.ts";
import { kindOf, type TransportPlan } from "./plan.ts";
import { readOpenPacket } from "./session.ts";
import type { SessionFacts } from "./session-facts.ts";
import type { Transport, TransportError } from "./transport.ts";
import type { OpenTransport } from "./transports/open.ts";

/** What becomes of an opening: one of the two, once. */
export interface OpeningSink {
  /** `isLater`: another one had its chance first. */
  onOpened(transport: Transport, facts: SessionFacts, isLater: boolean): void;
  /** All ways failed; with the error of the first, or of one that says when to come again. */
  onOpeningFailed(error: Error | undefined): void;
}

/** Opens a session by one transport, or by the first of several that gets through. */
export class Opening {
  readonly #openTransport: OpenTransport;
  readonly #plan: TransportPlan;
  readonly #clock: Clock;
  readonly #sink: OpeningSink;
  readonly #waiting: TransportName[];
  /** Those that have not brought the open packet yet. */
  readonly #candidates = new Set<Transport>();
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
    for (const candidate of this.#candidates) candidate.destroy();
    this.#candidates.clear();
  }

  #startNext(): void {
    this.#timer?.cancel();
    const name = this.#waiting.shift();
    if (name === undefined) return;
    const isLater = name !== this.#plan.opening[0];
    try {
      this.#start(name, isLater);
    } catch (error) {
      // A page of https may not even try ws.
      if (!isLater && this.#waiting.length === 0) throw error;
      this.#failed(error as Error);
      return;
    }
    const { raceDelayMs } = this.#plan;
    if (raceDelayMs !== undefined) this.#timer = this.#clock.setTimeout(() => this.#startNext(), raceDelayMs);
  }

  #start(name: TransportName, isLater: boolean): void {
    const facts = this.#plan.newSession(name);
    const transport: Transport = this.#openTransport(kindOf(name), facts, {
      receive: (packet) => {
        try {
          facts.open(readOpenPacket(packet));
        } catch (error) {
          transport.destroy();
          return this.#failed(error as Error, transport);
        }
        this.#candidates.delete(transport);
        this.cancel();
        this.#sink.onOpened(transport, facts, isLater);
      },
      onTransportClose: (error) => this.#failed(error, transport),
    });
    this.#candidates.add(transport);
  }

  #failed(error: Error | undefined, candidate?: Transport): void {
    if (candidate !== undefined) this.#candidates.delete(candidate);
    // A page does not see why a WebSocket was refused.
    if (this.#failure === undefined || (error as TransportError | undefined)?.retryAfterMs) {
      this.#failure = { error };
    }
    if (this.#waiting.length > 0) this.#startNext();
    else if (this.#candidates.size === 0) {
      this.cancel();
      this.#sink.onOpeningFailed(this.#failure.error);
    }
  }
}
