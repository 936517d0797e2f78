import type { Clock, Timer } from "../shared/clock.ts";
import type { Logger } from "../shared/logger.ts";

/** So many errors are logged one by one in a minute. Clients can make handlers fail as often as they send. */
export const LOGGED_ERRORS_PER_MINUTE = 100;
const MINUTE_MS = 60_000;

/** Logs errors that nobody listens for: the first ones of each minute, and, when it is over, how many more there were. */
export class HandlerErrorLog {
  readonly #logger: () => Logger;
  readonly #clock: Clock;
  #endMs = Number.NEGATIVE_INFINITY;
  #logged = 0;
  #leftOut = 0;
  #timer: Timer | undefined;

  /** The logger is asked for each time. */
  constructor(logger: () => Logger, clock: Clock) {
    this.#logger = logger;
    this.#clock = clock;
  }

  add(details: object, message: string): void {
    const now = this.#clock.now();
    if (now >= this.#endMs) {
      this.#tellRest();
      this.#endMs = now + MINUTE_MS;
      this.#logged = 0;
    }
    if (this.#logged < LOGGED_ERRORS_PER_MINUTE) {
      this.#logged += 1;
      this.#logger().error(details, message);
      return;
    }
    this.#leftOut += 1;
    this.#timer ??= this.#clock.setTimeout(() => this.#tellRest(), this.#endMs - now);
  }

  /** Says what is still to be said. */
  close(): void {
    this.#tellRest();
  }

  #tellRest(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const count = this.#leftOut;
    if (count === 0) return;
    this.#leftOut = 0;
    this.#logger().error(
      { count },
      `${count} more errors of handlers in this minute were not logged one by one.`,
    );
  }
}
