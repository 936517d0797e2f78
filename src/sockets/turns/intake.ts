import type { TurnRules } from "./options.ts";

/** How many times as much may wait while the client owes an acknowledgement: it comes behind what the client has sent before. */
const OWING_FACTOR = 16;

/** What an intake needs of its session. */
export interface IntakeHost {
  /** Whether the client owes an acknowledgement, of whatever socket. */
  readonly isAsked: boolean;
  pauseReading(): void;
  resumeReading(): void;
}

/**
 * What of one client waits for its turn, over all its sockets. When it is much, nothing more is read; but while the client owes an acknowledgement, that
 * must be read, as a handler may wait for it, and everything behind that handler.
 */
export class Intake {
  readonly rules: TurnRules;
  /** How long the packet is that is being received. */
  packetBytes = 0;
  readonly #host: IntakeHost;
  #events = 0;
  #bytes = 0;
  #isPaused = false;

  constructor(rules: TurnRules, host: IntakeHost) {
    this.rules = rules;
    this.#host = host;
  }

  /** One more waits. */
  add(bytes: number): void {
    this.#events += 1;
    this.#bytes += bytes;
    if (this.#isPaused || !this.#isFull(1)) return;
    if (this.#host.isAsked && !this.#isFull(OWING_FACTOR)) return;
    this.#isPaused = true;
    this.#host.pauseReading();
  }

  /** One does not wait any more. */
  remove(bytes: number): void {
    this.#events -= 1;
    this.#bytes -= bytes;
    if (!this.#isPaused || !this.#isLow(OWING_FACTOR)) return;
    if (this.#isLow(1) || this.#host.isAsked) this.#resume();
  }

  /** The client owes one more acknowledgement. */
  onAsked(): void {
    if (this.#isPaused && !this.#isFull(OWING_FACTOR)) this.#resume();
  }

  #isFull(factor: number): boolean {
    const { maxEvents, maxBytes } = this.rules;
    return this.#events >= maxEvents * factor || this.#bytes >= maxBytes * factor;
  }

  #isLow(factor: number): boolean {
    const { maxEvents, maxBytes } = this.rules;
    return this.#events <= (maxEvents * factor) / 2 && this.#bytes <= (maxBytes * factor) / 2;
  }

  #resume(): void {
    this.#isPaused = false;
    this.#host.resumeReading();
  }
}
