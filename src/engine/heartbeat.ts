import { Deadlines, type Waiting } from "../shared/deadlines.ts";
import type { SessionOptions } from "./session-contract.ts";

/** What a heartbeat tells its session. */
export interface HeartbeatHost {
  /** Whether what the client sends is read; if not, it can't be heard. */
  readonly isReading: boolean;
  /** The client is to be asked whether it is there. */
  onPingDue(): void;
  /** It did not answer in time; `wasLost`: it did not come back in time. */
  onSilence(wasLost: boolean): void;
}

interface Rhythm {
  /** Who is to be pinged. */
  readonly calm: Deadlines;
  /** Of whom something must come. */
  readonly tense: Deadlines;
}

/** Heartbeats with the same options share their timers. */
const rhythms = new WeakMap<SessionOptions, Rhythm>();

function rhythmOf(options: SessionOptions): Rhythm {
  let rhythm = rhythms.get(options);
  if (rhythm === undefined) {
    const { clock, pingIntervalMs, pingTimeoutMs } = options;
    rhythm = { calm: new Deadlines(clock, pingIntervalMs), tense: new Deadlines(clock, pingTimeoutMs) };
    rhythms.set(options, rhythm);
  }
  return rhythm;
}

/** The heartbeat of Engine.IO v4, and the patience for a client whose transport is lost. */
export class Heartbeat implements Waiting {
  dueMs = 0;
  readonly #rhythm: Rhythm;
  readonly #host: HeartbeatHost;
  /**
   * `calm`: the next ping is due some time. `pinged`: a pong is. `unheard`: both, as nothing is read: the client goes by the pings. `lost`: the client is.
   */
  #state: "calm" | "pinged" | "unheard" | "lost" = "calm";

  constructor(options: SessionOptions, host: HeartbeatHost) {
    this.#rhythm = rhythmOf(options);
    this.#host = host;
  }

  /** Whether it waits for the client to come back. */
  get isLost(): boolean {
    return this.#state === "lost";
  }

  /** Whether a pong is due: others answer no ping. */
  get isPinged(): boolean {
    return this.#state === "pinged" || this.#state === "unheard";
  }

  /** The client has answered, or is new: the next ping is due after the whole interval. */
  restart(): void {
    this.#rhythm.tense.remove(this);
    this.#state = "calm";
    this.#rhythm.calm.add(this);
  }

  /** The client is there. Pings that are not due yet go on as they were, as it counts on them. */
  touch(): void {
    if (this.#state !== "calm") this.restart();
  }

  /** Nothing is read any more: pings go on, and nobody waits for pongs. */
  pause(): void {
    if (this.#state !== "pinged") return;
    this.#rhythm.tense.remove(this);
    this.#state = "unheard";
    this.#rhythm.calm.add(this);
  }

  /** It is read again; a client that was pinged has the whole time to answer. */
  resume(): void {
    if (this.#state !== "unheard") return;
    this.#rhythm.calm.remove(this);
    this.#state = "pinged";
    this.#rhythm.tense.add(this);
  }

  /** The client's transport is lost: it has as long to come back as it has for a pong. */
  lose(): void {
    this.#rhythm.calm.remove(this);
    this.#state = "lost";
    this.#rhythm.tense.add(this);
  }

  stop(): void {
    this.#rhythm.calm.remove(this);
    this.#rhythm.tense.remove(this);
  }

  onDue(): void {
    if (this.#state === "pinged" || this.#state === "lost") {
      this.#host.onSilence(this.#state === "lost");
      return;
    }
    const { isReading } = this.#host;
    this.#state = isReading ? "pinged" : "unheard";
    (isReading ? this.#rhythm.tense : this.#rhythm.calm).add(this);
    this.#host.onPingDue();
  }
}
