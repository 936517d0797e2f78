import { Acknowledgement, type Answering } from "../acknowledgement.ts";

/** An event of a client's outbox, as delivery sees it. */
export interface NumberedEvent extends Answering {
  /** It is done: all its listeners are. */
  onDone(): void;
  /** Nobody has handled it. */
  onDropped(): void;
}

/** The answer to an event of the outbox, which is not done before its listeners are, also those that take their time. */
export class NumberedAcknowledgement extends Acknowledgement {
  readonly #event: NumberedEvent;
  /** The dispatch itself is one. */
  #open = 1;

  constructor(event: NumberedEvent, id: number | undefined) {
    super(event, id);
    this.#event = event;
  }

  override hold(work: PromiseLike<unknown>): void {
    this.#open += 1;
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
