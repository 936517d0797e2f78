import type { Clock, Timer } from "./clock.ts";

/** The acknowledgement that was waited for will not come. */
export class AckError extends Error {
  /** `timeout`: it did not come in time. `disconnected`: the connection was lost first, so it is unknown whether the event arrived. */
  readonly code: "timeout" | "disconnected";

  constructor(code: "timeout" | "disconnected", message: string) {
    super(message);
    this.name = "AckError";
    this.code = code;
  }
}

/** Called with the acknowledgement's arguments; with an error first if `errorFirst` was asked for. */
export type AckCallback = (...args: unknown[]) => void;

interface Pending {
  readonly callback: AckCallback;
  readonly errorFirst: boolean;
  readonly timer: Timer | undefined;
}

/** The acknowledgements that one socket waits for; each is settled once, and the ids are those of the wire. */
export class PendingAcks {
  readonly #clock: Clock;
  readonly #pending = new Map<number, Pending>();
  #nextId = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many are waited for. */
  get size(): number {
    return this.#pending.size;
  }

  /**
   * Waits for one more and returns its id. Given `timeoutMs`, `onTimeout` is called before the callback gets its error.
   * With `errorFirst` the callback gets an error or null first; without it, it is never called with an error.
   */
  add(callback: AckCallback, errorFirst: boolean, timeoutMs?: number, onTimeout?: () => void): number {
    const id = this.#nextId++;
    const timer =
      timeoutMs === undefined
        ? undefined
        : this.#clock.setTimeout(() => {
            this.#pending.delete(id);
            onTimeout?.();
            callback(new AckError("timeout", `No acknowledgement came within ${timeoutMs} ms.`));
          }, timeoutMs);
    this.#pending.set(id, { callback, errorFirst, timer });
    return id;
  }

  /** Takes an acknowledgement that came; one that nobody waits for is ignored. */
  settle(id: number, args: readonly unknown[]): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    this.#pending.delete(id);
    pending.timer?.cancel();
    if (pending.errorFirst) pending.callback(null, ...args);
    else pending.callback(...args);
  }

  /** Forgets one: it was never sent. */
  cancel(id: number): void {
    this.#pending.get(id)?.timer?.cancel();
    this.#pending.delete(id);
  }

  /** Gives up on all of them, but for the ids in `keep`: the connection they were sent on is gone. */
  abandon(keep?: ReadonlySet<number>): void {
    // A copy: what a callback adds meanwhile is for the next connection, and must not be walked, too.
    for (const [id, pending] of [...this.#pending]) {
      if (keep?.has(id) === true || !this.#pending.delete(id)) continue;
      pending.timer?.cancel();
      if (!pending.errorFirst) continue;
      pending.callback(
        new AckError(
          "disconnected",
          "The connection was lost before the acknowledgement came; the event may or may not have arrived.",
        ),
      );
    }
  }
}
