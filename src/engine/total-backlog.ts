import type { Clock, Timer } from "../shared/clock.ts";

/** When so much has been sent to a session, it is looked whether that waits. */
export const NOTED_BYTES: number = 64 * 1024;
/** With less, a session is not counted. */
const COUNTED_BYTES = 64 * 1024;
/** How often those are looked at that are counted. */
const LOOK_MS = 100;
/** How soon it is looked again when some were cut off: what they held is given back by then. */
const CUT_LOOK_MS = 1000;
/** When so much of the limit was sent since, it is looked at once. */
const GROWN_SHARE = 1 / 16;
/** Where no limit of the process's memory is known, or a large one. */
const DEFAULT_BYTES = 1024 ** 3;

/** Somebody for whom bytes wait. */
export interface Backlogged {
  /** What is kept for it: what waits to be sent, or for its acknowledgement. */
  readonly heldBytes: number;
  /** Ends at once, and lets go of it. */
  cutOff(detail: string): void;
}

/**
 * What waits for all clients of a server: beyond the limit, those for whom most waits are cut off. Costs nothing while clients read: sessions say when much was sent to
 * them, and only while some have not taken it a timer runs.
 */
export class TotalBacklog {
  readonly #clock: Clock;
  readonly #maxBytes: number;
  readonly #processBytes: () => number;
  readonly #watched = new Set<Backlogged>();
  #timer: Timer | undefined;
  #grownBytes = 0;
  #isLookDue = false;

  /** @param maxBytes 0: no limit. @param processBytes how much memory the process uses, in all. */
  constructor(clock: Clock, maxBytes: number, processBytes: () => number = usedBytes) {
    this.#clock = clock;
    this.#maxBytes = maxBytes;
    this.#processBytes = processBytes;
  }

  /** Much was sent to a session: {@link NOTED_BYTES}, or more. */
  note(session: Backlogged, bytes: number): void {
    if (this.#maxBytes === 0) return;
    this.#watched.add(session);
    this.#timer ??= this.#wait(LOOK_MS);
    this.#grownBytes += bytes;
    if (this.#isLookDue || this.#grownBytes < this.#maxBytes * GROWN_SHARE) return;
    this.#isLookDue = true;
    // Not now: whoever sends may be in the middle of its list of sessions.
    queueMicrotask(() => this.#look());
  }

  /** A session is gone. */
  forget(session: Backlogged): void {
    if (!this.#watched.delete(session) || this.#watched.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #wait(ms: number): Timer {
    return this.#clock.setTimeout(() => this.#look(), ms);
  }

  #look(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#isLookDue = false;
    this.#grownBytes = 0;
    let sum = 0;
    for (const session of this.#watched) {
      const { heldBytes } = session;
      if (heldBytes > COUNTED_BYTES) sum += heldBytes;
      else this.#watched.delete(session);
    }
    const isCut = sum > this.#maxBytes && this.#cut(sum);
    if (this.#watched.size > 0) this.#timer ??= this.#wait(isCut ? CUT_LOOK_MS : LOOK_MS);
  }

  /** Cuts off those for whom most waits, until so much is gone as is too much. Returns whether there were any. */
  #cut(sum: number): boolean {
    // What many are sent counts for each of them, and is held once: there can't be more than the process has.
    let tooMuch = Math.min(sum, this.#processBytes()) - this.#maxBytes;
    if (tooMuch <= 0) return false;
    const detail = `more than maxTotalBufferedBytes (${this.#maxBytes}) waited for all clients, and most of it for those like this one`;
    const largest = [...this.#watched].toSorted((one, other) => other.heldBytes - one.heldBytes);
    for (const session of largest) {
      if (tooMuch <= 0) break;
      tooMuch -= session.heldBytes;
      this.#watched.delete(session);
      session.cutOff(detail);
    }
    return true;
  }
}

/** A quarter of what the process may use, 1 GiB at most. */
export function defaultTotalBytes(constrainedBytes: number = process.constrainedMemory()): number {
  // 0, or a number beyond all memory: there is no limit that is known.
  return constrainedBytes > 0 ? Math.min(Math.floor(constrainedBytes / 4), DEFAULT_BYTES) : DEFAULT_BYTES;
}

function usedBytes(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
