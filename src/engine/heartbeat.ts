import type { Timer } from "../shared/clock.ts";
import type { SessionOptions } from "./session-contract.ts";

/** What a heartbeat tells its session. */
export interface HeartbeatHost {
  /** The client is to be asked whether it is there. */
  onPingDue(): void;
  /** It did not answer in time; `wasLost`: it did not come back in time. */
  onSilence(wasLost: boolean): void;
}

/**
 * The heartbeat of Engine.IO v4, and the patience for a client whose transport is lost: one timer for both.
 */
export class Heartbeat {
  readonly #options: SessionOptions;
  readonly #host: HeartbeatHost;
  /** `calm`: the next ping is due some time. `pinged`: a pong is. `lost`: the client is. */
  #state: "calm" | "pinged" | "lost" = "calm";
  #timer: Timer | undefined;

  constructor(options: SessionOptions, host: HeartbeatHost) {
    this.#options = options;
    this.#host = host;
  }

  /** Whether it waits for the client to come back. */
  get isLost(): boolean {
    return this.#state === "lost";
  }

  /** The client has answered, or is new: the next ping is due after the whole interval. */
  restart(): void {
    this.#state = "calm";
    this.#setTimer(this.#options.pingIntervalMs);
  }

  /** The client is there. Pings that are not due yet go on as they were, as it counts on them. */
  touch(): void {
    if (this.#state !== "calm") this.restart();
  }

  /** The client's transport is lost: it has as long to come back as it has for a pong. */
  lose(): void {
    this.#state = "lost";
    this.#setTimer(this.#options.pingTimeoutMs);
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #setTimer(delayMs: number): void {
    this.#timer?.cancel();
    this.#timer = this.#options.clock.setTimeout(() => this.#onTimer(), delayMs);
  }

  #onTimer(): void {
    if (this.#state !== "calm") {
      this.#host.onSilence(this.#state === "lost");
      return;
    }
    this.#state = "pinged";
    this.#setTimer(this.#options.pingTimeoutMs);
    this.#host.onPingDue();
  }
}
