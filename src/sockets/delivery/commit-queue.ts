import type { LogEntry } from "../log.ts";

/** What is on its way into a log, and then to its receivers. */
export interface Pending {
  readonly entry: LogEntry;
  /** Where it stands in the log; 0: it could not be kept; undefined: that is not known yet. */
  readonly offset: number | undefined;
  /** It is in the log, and everything before it has been sent: now it may be. */
  send(): void;
}

class Place {
  readonly pending: Pending;
  followers: ((offset: number) => void)[] | undefined = undefined;
  next: Place | undefined = undefined;

  constructor(pending: Pending) {
    this.pending = pending;
  }
}

/**
 * Keeps the order of what is appended to a log that takes its time, and of what is not appended but must not overtake it. What is appended while something else is
 * being sent (a client's end may be heard of then, and told to the others) is sent after it.
 */
export class CommitQueue {
  readonly #head: () => number;
  readonly #onError: (error: unknown) => void;
  #first: Place | undefined;
  #last: Place | undefined;
  /** The one before the last; while it is there. */
  #secondLast: Place | undefined;
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
    for (let place = this.#first; place !== undefined; place = place.next) {
      if (place.pending.offset === undefined) found.push(place.pending);
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
    const place = new Place(pending);
    this.#secondLast = this.#last;
    if (this.#last === undefined) {
      this.#reached = this.#head();
      this.#first = place;
    } else this.#last.next = place;
    this.#last = place;
  }

  /** Sends what can be sent, in order, and lets those go on who have waited behind it. Called when the offset of one has become known. */
  advance(): void {
    this.#dropFailed();
    if (this.#isAdvancing) return;
    this.#isAdvancing = true;
    for (let place = this.#first; place?.pending.offset !== undefined; place = this.#first) {
      this.#send(place.pending);
      // Others may still come while these run.
      for (let index = 0; index < (place.followers?.length ?? 0); index += 1)
        this.#follow(place.followers![index]!);
      this.#first = place.next;
      if (place.next === undefined) this.#last = this.#secondLast = undefined;
    }
    this.#isAdvancing = false;
  }

  /** What could not be kept does not wait, or a log that takes nothing would have us keep it all: who waits behind it waits behind the one before. */
  #dropFailed(): void {
    const [before, failed] = [this.#secondLast, this.#last];
    if (before === undefined || failed === undefined || failed === this.#first) return;
    if (failed.pending.offset !== 0) return;
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
