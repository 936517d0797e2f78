import { Acknowledgement, type Answering } from "./acknowledgement.ts";

/** An event that somebody waits for: a client with an outbox, or the events behind it. */
export interface AwaitedEvent extends Answering {
  /** It is done: all its middleware and listeners are, also those that take their time. */
  onDone(): void;
  /** Nobody has handled it. */
  onDropped(): void;
}

/** The answer to an event that is not done before its middleware and listeners are, also those that take their time. */
export class AwaitedAcknowledgement extends Acknowledgement {
  readonly #event: AwaitedEvent;
  /** The dispatch itself is one. */
  #open = 1;

  constructor(event: AwaitedEvent, id: number | undefined) {
    super(event, id);
    this.#event = event;
  }

  override retain(): void {
    this.#open += 1;
  }

  override hold(work: PromiseLike<unknown>): void {
    this.retain();
    const release = (): void => this.release();
    work.then(release, release);
  }

  override release(): void {
    this.#open -= 1;
    if (this.#open === 0) this.#event.onDone();
  }

  override drop(): void {
    this.#event.onDropped();
  }
}
