import type { Timer } from "../../shared/clock.ts";
import { Silence, SleepWatch } from "../liveness.ts";
import type { Platform } from "../platform.ts";
import type { CheckedOptions } from "./options.ts";

/** What a heartbeat needs of the connection. */
export interface HeartbeatHost {
  sendHeartbeat(): void;
  /** So many heartbeats in a row were not answered. */
  onSilent(count: number): void;
}

/** Asks a quiet server whether it is still there, and gives it up when it does not answer. Works as soon as it is made. */
export class Heartbeat {
  readonly #options: NonNullable<CheckedOptions["heartbeat"]>;
  readonly #platform: Platform;
  readonly #host: HeartbeatHost;
  readonly #silence: Silence;
  readonly #sleep: SleepWatch;
  #timer: Timer;
  /** How many were sent since the last sign of life. */
  #unanswered = 0;

  constructor(options: NonNullable<CheckedOptions["heartbeat"]>, platform: Platform, host: HeartbeatHost) {
    this.#options = options;
    this.#platform = platform;
    this.#host = host;
    this.#silence = new Silence(platform);
    this.#sleep = new SleepWatch(platform, () => this.check());
    this.#timer = this.#after(options.interval);
  }

  /** A sign of life. No timer is touched: there may be many. */
  heard(): void {
    this.#unanswered = 0;
    this.#silence.end();
  }

  /** There is a reason to doubt: asks at once, unless it is waited for an answer already. */
  check(): void {
    if (this.#unanswered === 0) this.#beat();
  }

  stop(): void {
    this.#timer.cancel();
    this.#sleep.stop();
  }

  #after(delayMs: number): Timer {
    return this.#platform.clock.setTimeout(() => this.#due(), delayMs);
  }

  #due(): void {
    const quietForMs = this.#options.interval - this.#silence.ms;
    if (this.#unanswered > this.#options.retries) this.#host.onSilent(this.#unanswered);
    else if (this.#unanswered === 0 && quietForMs > 0) this.#timer = this.#after(quietForMs);
    else this.#beat();
  }

  #beat(): void {
    this.#timer.cancel();
    this.#unanswered += 1;
    this.#timer = this.#after(this.#options.timeout);
    this.#host.sendHeartbeat();
  }
}
