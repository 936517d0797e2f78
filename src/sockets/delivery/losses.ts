import type { Clock, Timer } from "../../shared/clock.ts";

/** How long after a loss clients are told, in milliseconds: a log that takes nothing for a while is told of once a second, and not with every event. */
const TOLD_AFTER_MS = 1000;

/** What losses need of their namespace. */
export interface LossesHost {
  /** Runs when all that was sent before is in the log; it is told the offset of the last of it. */
  inOrder(run: (offset: number) => void): void;
  /** Tells the client of a seat, if it is there, that something is missing. */
  tellGap(key: string): void;
}

/** What the log has not taken, and who does not know yet that it lacks it. */
export class Losses {
  readonly #clock: Clock;
  readonly #host: LossesHost;
  /** By the keys of their seats; until they are told. */
  #lacking: Set<string> | undefined;
  #before = 0;
  #timer: Timer | undefined;

  constructor(clock: Clock, host: LossesHost) {
    this.#clock = clock;
    this.#host = host;
  }

  /** Whoever was away, and has nothing from this offset on, may lack something that has none. */
  get before(): number {
    return this.#lacking === undefined ? this.#before : Infinity;
  }

  /** Something is lost, which was for those who sit there; and for some who are away, perhaps. */
  add(receivers: Iterable<{ readonly seatKey: string | undefined }>): void {
    if (this.#lacking === undefined) {
      this.#lacking = new Set();
      this.#timer = this.#clock.setTimeout(
        () => this.#host.inOrder((offset) => this.#tell(offset)),
        TOLD_AFTER_MS,
      );
    }
    for (const { seatKey } of receivers) if (seatKey !== undefined) this.#lacking.add(seatKey);
  }

  /** Tells nobody any more. */
  close(): void {
    this.#timer?.cancel();
  }

  #tell(offset: number): void {
    const keys = this.#lacking ?? [];
    this.#lacking = undefined;
    this.#before = offset + 1;
    for (const key of keys) this.#host.tellGap(key);
  }
}
