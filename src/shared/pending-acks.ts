import { callSafely } from "./call-safely.ts";
import type { Clock, Timer } from "./clock.ts";

/**
 * Why an acknowledgement will not come. `timeout`: it did not come in time. `disconnected`: the connection was lost first, so it is unknown
 * whether the event arrived. `buffer_full`: the event was not sent, and will not be.
 */
export type AckErrorCode = "timeout" | "disconnected" | "buffer_full";

/** The acknowledgement that was waited for will not come. */
export class AckError extends Error {
  readonly code: AckErrorCode;

  constructor(code: AckErrorCode, message: string) {
    super(message);
    this.name = "AckError";
    this.code = code;
  }
}

/** Called with the acknowledgement's arguments; with an error, or null, in front of them if `errorFirst` was asked for. */
export type AckCallback = (...args: unknown[]) => unknown;

interface Pending {
  readonly callback: AckCallback;
  readonly errorFirst: boolean;
  readonly timer: Timer | undefined;
}

/**
 * The acknowledgements that one socket waits for; each is settled once, and the ids are those of the wire. What a callback throws, or
 * rejects with, goes to `onCallbackError`.
 */
export class PendingAcks {
  readonly #clock: Clock;
  readonly #onCallbackError: (error: unknown) => void;
  readonly #pending = new Map<number, Pending>();
  #nextId = 0;

  constructor(clock: Clock, onCallbackError: (error: unknown) => void) {
    this.#clock = clock;
    this.#onCallbackError = onCallbackError;
  }

  /** How many are waited for. */
  get size(): number {
    return this.#pending.size;
  }

  /** An id that was not given before. */
  reserve(): number {
    return this.#nextId++;
  }

  /**
   * Waits for one more and returns its id: a new one unless it was reserved. Given `timeoutMs`, `onTimeout` is called before the callback gets
   * its error. With `errorFirst` the callback gets an error or null first; without it, it is never called with an error.
   */
  add(
    callback: AckCallback,
    errorFirst: boolean,
    timeoutMs?: number,
    onTimeout?: () => void,
    id: number = this.reserve(),
  ): number {
    const timer =
      timeoutMs === undefined
        ? undefined
        : this.#clock.setTimeout(() => {
            onTimeout?.();
            this.fail(id, new AckError("timeout", `No acknowledgement within ${timeoutMs} ms.`));
          }, timeoutMs);
    this.#pending.set(id, { callback, errorFirst, timer });
    return id;
  }

  /** Takes an acknowledgement that came; one that nobody waits for is ignored. */
  settle(id: number, args: readonly unknown[]): void {
    const pending = this.#take(id);
    if (pending === undefined) return;
    callSafely(pending.callback, pending.errorFirst ? [null, ...args] : args, this.#onCallbackError);
  }

  /**
   * Takes an error that came instead of an acknowledgement. Returns false if there is nobody to tell: the callback takes no error, or nobody
   * waits.
   */
  fail(id: number, error: Error): boolean {
    const pending = this.#take(id);
    if (pending?.errorFirst !== true) return false;
    callSafely(pending.callback, [error], this.#onCallbackError);
    return true;
  }

  /** Forgets one: it was never sent, or nobody waits any more. */
  cancel(id: number): void {
    this.#take(id);
  }

  /** Gives up on all of them, but for the ids in `keep`: the connection they were sent on is gone. */
  abandon(keep?: ReadonlySet<number | undefined>): void {
    if (this.#pending.size === 0) return;
    // One for all: there may be very many, and what costs most of an error is where it came from, which is here.
    const error = new AckError("disconnected", "The connection was lost first.");
    // A copy: what a callback adds meanwhile is for the next connection, and must not be walked, too.
    for (const id of [...this.#pending.keys()]) if (keep?.has(id) !== true) this.fail(id, error);
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    if (pending === undefined) return undefined;
    this.#pending.delete(id);
    pending.timer?.cancel();
    return pending;
  }
}
