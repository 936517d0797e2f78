/** Requests that fail sooner were not cut for being held. */
const MIN_CUT_MS = 1000;
/** A hold below this is not worth its while: the client then asks from time to time. */
const MIN_HOLD_MS = 1000;
/** So many cuts in a row make a rule. */
const CUTS = 2;

/** How long the server may hold a request, learned from those that something on the way has cut. */
export class Hold {
  #ms: number | undefined;
  #cutMs = 0;
  #cuts = 0;

  /** Begins with `ms`: 0 for polling from time to time, undefined for as long as the server likes. */
  constructor(ms?: number) {
    this.#ms = ms;
  }

  /** What to ask for, in milliseconds; undefined for as long as the server likes. */
  get ms(): number | undefined {
    return this.#ms;
  }

  /** A request was answered after it had been held for so long. */
  served(heldMs: number): void {
    if (heldMs >= this.#cutMs) this.#cuts = 0;
  }

  /** A request was cut after it had been held for so long. */
  cut(heldMs: number): void {
    if (heldMs < MIN_CUT_MS) return;
    this.#cutMs = heldMs;
    this.#cuts += 1;
    if (this.#cuts < CUTS) return;
    this.#cuts = 0;
    this.#cutMs = 0;
    const shorter = Math.floor(heldMs * 0.8);
    this.#ms = shorter < MIN_HOLD_MS ? 0 : shorter;
  }
}
