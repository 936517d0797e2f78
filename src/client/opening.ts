import type { Clock, Timer } from "../shared/clock.ts";
import { Candidate } from "./candidate.ts";
import type { TransportName } from "./options.ts";
import { kindOf, type TransportPlan } from "./plan.ts";
import type { OpenTransport } from "./transports/open.ts";
import type { OpeningSink } from "./ways.ts";

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
    for (const candidate of this.#candidates) candidate.cancel();
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
