import type { Clock, Timer } from "../../shared/clock.ts";
import type { Seat } from "./seat.ts";

/** A client is told so often while as many of its events as may be under way are handled. */
const TOLD_IN_A_WINDOW = 4;
/** How long it may take until a client is told of the last ones, in milliseconds. */
const TELL_DELAY_MS = 20;

/** Tells clients that events of their outboxes are done, once for many: in the turn in which there are enough, so that it leaves with the answers, or soon. */
export class DoneNotices {
  readonly #clock: Clock;
  readonly #window: number;
  readonly #tell: (keys: readonly string[]) => void;
  /** Who was not told yet, by the key of the seat; and the first of these events. */
  readonly #untold = new Map<string, number>();
  #timer: Timer | undefined;

  /** @param tell is given the keys of the seats whose clients are due */
  constructor(clock: Clock, window: number, tell: (keys: readonly string[]) => void) {
    this.#clock = clock;
    this.#window = window;
    this.#tell = tell;
  }

  /** One more event of a seat is done, or its client does not know that it is. */
  add({ key, sequence }: Pick<Seat, "key" | "sequence">): void {
    const first = this.#untold.get(key) ?? sequence;
    if (first === sequence) this.#untold.set(key, first);
    if ((sequence - first + 1) * TOLD_IN_A_WINDOW >= this.#window) this.#flush([key]);
    else this.#timer ??= this.#clock.setTimeout(() => this.#tellAll(), TELL_DELAY_MS);
  }

  /** Tells nobody any more. */
  close(): void {
    this.#timer?.cancel();
  }

  /** The timer is left alone where all have been told before: with a busy client that is many times in its delay. */
  #tellAll(): void {
    this.#timer = undefined;
    if (this.#untold.size > 0) this.#flush([...this.#untold.keys()]);
  }

  #flush(keys: readonly string[]): void {
    for (const key of keys) this.#untold.delete(key);
    this.#tell(keys);
  }
}
