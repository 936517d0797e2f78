import type { Clock, Timer } from "../shared/clock.ts";

/** How many handshakes are let in, of all addresses together. */
export interface AdmissionRateOptions {
  /** So many a second, in the long run. */
  perSecond: number;
  /** So many at once, after a quiet while. Default: a tenth of `perSecond`, at least 1. */
  burst?: number;
  /** So many may wait for their turn; beyond it 503 with `Retry-After`. 0: nobody waits. Default: five seconds' worth. */
  maxWaiting?: number;
}

/** The options with their defaults. */
export type AdmissionRate = Required<AdmissionRateOptions>;

/** Somebody who waits. */
export interface Waiting {
  /** Whether the client has not left meanwhile. */
  readonly isThere: () => boolean;
  /** It is its turn; or it has left, and is to be let go: then it takes nobody's turn. */
  readonly onTurn: () => void;
}

/** How often those who wait are looked after: some may have left, though it is not their turn. */
const LOOK_MS = 100;

/**
 * Lets handshakes in at a steady rate, first come first served, so that a herd that comes back leaves the server time for those that are in. Who
 * waits costs what its request takes.
 */
export class WaitingRoom {
  readonly #rate: AdmissionRate;
  readonly #clock: Clock;
  #waiting: Waiting[] = [];
  #tokens: number;
  #atMs: number;
  #timer: Timer | undefined;

  constructor(rate: AdmissionRate, clock: Clock) {
    this.#rate = rate;
    this.#clock = clock;
    this.#tokens = rate.burst;
    this.#atMs = clock.now();
  }

  /** How many wait. */
  get size(): number {
    return this.#waiting.length;
  }

  /** How long it takes until all who wait have had their turn, in milliseconds. */
  get waitMs(): number {
    return Math.ceil(((this.#waiting.length + 1) * 1000) / this.#rate.perSecond);
  }

  /** Takes a turn; false if it is nobody's turn yet. */
  take(): boolean {
    this.#refill();
    if (this.#waiting.length > 0 || this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Waits for a turn; false if too many do already. */
  wait(one: Waiting): boolean {
    if (this.#waiting.length >= this.#rate.maxWaiting) return false;
    this.#waiting.push(one);
    this.#schedule();
    return true;
  }

  /** Nobody waits any more: it is everybody's turn. */
  empty(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    for (const one of this.#waiting.splice(0)) one.onTurn();
  }

  #refill(): void {
    const now = this.#clock.now();
    const { perSecond, burst } = this.#rate;
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#atMs) * perSecond) / 1000);
    this.#atMs = now;
  }

  #look(): void {
    this.#timer = undefined;
    this.#refill();
    const staying: Waiting[] = [];
    const called: Waiting[] = [];
    for (const one of this.#waiting) {
      if (!one.isThere()) called.push(one);
      else if (this.#tokens >= 1) {
        this.#tokens -= 1;
        called.push(one);
      } else staying.push(one);
    }
    this.#waiting = staying;
    this.#schedule();
    for (const one of called) one.onTurn();
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#waiting.length === 0) return;
    const nextMs = Math.ceil(((1 - this.#tokens) * 1000) / this.#rate.perSecond);
    // A timer for each would be too many: those who are due within ten milliseconds go in together.
    this.#timer = this.#clock.setTimeout(() => this.#look(), Math.min(Math.max(nextMs, 10), LOOK_MS));
  }
}
