import type { Clock, Timer } from "../shared/clock.ts";

/** With this key in what it gives when it joins, a client says that it can be asked again (docs/protocol/reauthentication.md). */
export const RENEW_KEY = "$renew";
/** The event that asks for it; from a client: that wants to be asked. */
export const AUTH_EVENT = "$auth";
/** How long before its authentication ends a client is asked, in milliseconds, or half of the time if that is less; and how long it may take to answer. */
const AHEAD_MS = 10_000;
/** The longest that a timer can wait, in milliseconds. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** What reauthentication needs of its socket. */
export interface Reauthenticating {
  readonly clock: Clock;
  /** Whether the client can be asked. */
  readonly canRenew: boolean;
  /** Asks the client who it is; rejects if it does not answer in time. */
  askAuth(timeoutMs: number): Promise<unknown>;
  /** Has middleware decide anew about what the client gives; true: it may stay. */
  readmit(auth: Record<string, unknown>): Promise<boolean>;
  /** The time is over. */
  expire(): void;
}

/** Until when a client is who it says, and who it is then. */
export class Reauthentication {
  readonly #socket: Reauthenticating;
  #timer: Timer | undefined;
  #untilMs = Infinity;
  #askAtMs = Infinity;
  #running: Promise<boolean> | undefined;

  constructor(socket: Reauthenticating) {
    this.#socket = socket;
  }

  /** Whether the client can be asked. */
  get canRenew(): boolean {
    return this.#socket.canRenew;
  }

  /** What is known of the client holds for so long; said again, it holds from then on. Throws a `RangeError` for a time that can't be. */
  holdFor(durationMs: number): void {
    if (!(durationMs > 0)) {
      throw new RangeError(`An authentication holds for more than 0 milliseconds, not ${durationMs}.`);
    }
    this.#untilMs = this.#socket.clock.now() + durationMs;
    this.#askAtMs = this.#socket.canRenew ? this.#untilMs - Math.min(AHEAD_MS, durationMs / 2) : Infinity;
    this.#wait();
  }

  /** Asks the client, and has middleware decide: false if it could not be asked, did not answer, or may not stay. One at a time. */
  run(timeoutMs: number = AHEAD_MS): Promise<boolean> {
    this.#running ??= this.#ask(timeoutMs).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** The socket is gone. */
  stop(): void {
    this.#timer?.cancel();
  }

  async #ask(timeoutMs: number): Promise<boolean> {
    if (!this.canRenew) return false;
    let auth: unknown;
    try {
      auth = await this.#socket.askAuth(timeoutMs);
    } catch {
      return false;
    }
    // As in CONNECT: nothing, or an object.
    if (typeof auth !== "object" || Array.isArray(auth)) return false;
    return this.#socket.readmit({ ...auth } as Record<string, unknown>);
  }

  #wait(): void {
    this.#timer?.cancel();
    const nextMs = Math.min(this.#askAtMs, this.#untilMs);
    if (nextMs === Infinity) return;
    const delayMs = Math.min(nextMs - this.#socket.clock.now(), MAX_TIMER_MS);
    this.#timer = this.#socket.clock.setTimeout(() => this.#onTime(), delayMs);
  }

  #onTime(): void {
    const nowMs = this.#socket.clock.now();
    if (nowMs >= this.#untilMs) {
      this.#socket.expire();
      return;
    }
    if (nowMs >= this.#askAtMs) {
      this.#askAtMs = Infinity;
      void this.run();
    }
    this.#wait();
  }
}
