import type { LogEntry } from "../log.ts";

/** What is on its way into a log, and then to its receivers: a place in one queue. */
export abstract class Pending {
  /** @internal Who waits behind it. */
  followers: ((offset: number) => void)[] | undefined = undefined;
  /** @internal */
  next: Pending | undefined = undefined;
  abstract readonly entry: LogEntry;
  /** Where it stands in the log; 0: it could not be kept; undefined: that is not known yet. */
  abstract readonly offset: number | undefined;
  /** It is in the log, and everything before it has been sent: now it may be. */
  abstract send(): void;
}

/**
 * Keeps the order of what is appended to a log that takes its time, and of what is not appended but must not overtake it. What is appended while something else is
 * being sent (a client's end may be heard of then, and told to the others) is sent after it.
 */
export class CommitQueue {
  readonly #head: () => number;
  readonly #onError: (error: unknown) => void;
  #first: Pending | undefined;
  #last: Pending | undefined;
  /** The one before the last; while it is there. */
  #secondLast: Pending | undefined;
  #isAdvancing = false;
  /** Up to here, everything that was appended has been sent; while something waits. */
  #reached = 0;

  /**
   * @param head the newest offset that is committed
   * @param onError something that waited here threw; the others are not to suffer
   */
  constructor(head: () => number, onError: (error: unknown) => void) {
    this.#head = head;
    this.#onError = onError;
  }

  /** Whether something waits for its commit, or is being sent. */
  get isWaiting(): boolean {
    return this.#first !== undefined;
  }

  /** What waits and came last. */
  get last(): unknown {
    return this.#last;
  }

  /** Up to here, everything was sent. The log may be further: what it commits together is sent one by one. */
  get reached(): number {
    return this.isWaiting ? this.#reached : this.#head();
  }

  /** What is on its way into the log, in order. */
  get uncommitted(): readonly Pending[] {
    const found: Pending[] = [];
    for (let pending = this.#first; pending !== undefined; pending = pending.next) {
      if (pending.offset === undefined) found.push(pending);
    }
    return found;
  }

  /** Runs when all that waits now is sent; at once, if nothing waits. It is told the offset of what was the last of it. */
  run(follower: (offset: number) => void): void {
    if (this.#last === undefined) follower(this.#head());
    else (this.#last.followers ??= []).push(follower);
  }

  /** One more waits: before it is appended. */
  push(pending: Pending): void {
    this.#dropFailed();
    this.#secondLast = this.#last;
    if (this.#last === undefined) {
      this.#reached = this.#head();
      this.#first = pending;
    } else this.#last.next = pending;
    this.#last = pending;
  }

  /** Sends what can be sent, in order, and lets those go on who have waited behind it. Called when the offset of one has become known. */
  advance(): void {
    this.#dropFailed();
    if (this.#isAdvancing) return;
    this.#isAdvancing = true;
    for (let pending = this.#first; pending?.offset !== undefined; pending = this.#first) {
      this.#send(pending);
      // Others may still come while these run.
      for (let index = 0; index < (pending.followers?.length ?? 0); index += 1)
        this.#follow(pending.followers![index]!);
      this.#first = pending.next;
      if (pending.next === undefined) this.#last = this.#secondLast = undefined;
    }
    this.#isAdvancing = false;
  }

  /** What could not be kept does not wait, or a log that takes nothing would have us keep it all: who waits behind it waits behind the one before. */
  #dropFailed(): void {
    const before = this.#secondLast;
    const failed = this.#last;
    if (before === undefined || failed === undefined || failed === this.#first) return;
    if (failed.offset !== 0) return;
    for (const follower of failed.followers ?? []) (before.followers ??= []).push(follower);
    before.next = undefined;
    this.#last = before;
    this.#secondLast = undefined;
  }

  #send(pending: Pending): void {
    if (pending.offset === 0) return;
    try {
      pending.send();
    } catch (error) {
      this.#onError(error);
    }
    this.#reached = pending.offset!;
  }

  #follow(follower: (offset: number) => void): void {
    try {
      follower(this.#reached);
    } catch (error) {
      this.#onError(error);
    }
  }
}
