import type { Clock, Timer } from "switchboard";

interface Alarm {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

/**
 * A clock that stands still until it is told to move.
 *
 * @example
 * const clock = new FakeClock();
 * const io = new Server(3000, { clock });
 * clock.advance(25_000); // clients are pinged now
 */
export class FakeClock implements Clock {
  readonly #alarms = new Set<Alarm>();
  #now = 0;
  #order = 0;

  /** Milliseconds since the clock was made. */
  now(): number {
    return this.#now;
  }

  setTimeout(callback: () => void, delayMs: number): Timer {
    const alarm: Alarm = { at: this.#now + Math.max(0, delayMs), order: this.#order++, callback };
    this.#alarms.add(alarm);
    return { cancel: () => void this.#alarms.delete(alarm) };
  }

  /** How many timers are running: 0 when everything has been cleaned up. */
  get pending(): number {
    return this.#alarms.size;
  }

  /** Moves time forward; timers that become due fire in order, each at its own moment. */
  advance(byMs: number): void {
    const end = this.#now + byMs;
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#alarms.delete(next);
      this.#now = next.at;
      next.callback();
    }
    this.#now = end;
  }

  #next(end: number): Alarm | undefined {
    let first: Alarm | undefined;
    for (const alarm of this.#alarms) {
      if (alarm.at > end) continue;
      if (
        first === undefined ||
        alarm.at < first.at ||
        (alarm.at === first.at && alarm.order < first.order)
      ) {
        first = alarm;
      }
    }
    return first;
  }
}
