import type { Clock, Timer } from "../shared/clock.ts";
import { AckError } from "../shared/pending-acks.ts";
import type { BroadcastQuestion } from "./adapter.ts";
import type { BroadcastEnd } from "./broadcast-channel.ts";

/** Not all who were asked have acknowledged a broadcast. */
export class BroadcastAckError extends AckError {
  /** The answers that came, in the order in which they did. */
  readonly responses: readonly unknown[];
  /** Why others will not come: `AckError`s of clients that have left, `EventError`s of those whose handler failed. */
  readonly errors: readonly Error[];

  /** `timeout`: the time is over. `disconnected`: all the others have left, or failed. */
  constructor(
    code: "timeout" | "disconnected",
    message: string,
    responses: readonly unknown[],
    errors: readonly Error[],
  ) {
    super(code, message);
    this.responses = responses;
    this.errors = errors;
  }

  /** @internal The one who was asked is not there any more, or was left out. */
  static ofNobody(): BroadcastAckError {
    const message = "The client is not connected, or can't take a volatile event right now.";
    return new BroadcastAckError("disconnected", message, [], []);
  }
}

/** Collects the answers to one broadcast, and tells once how it ended. */
export class BroadcastAcks {
  readonly #end: BroadcastEnd;
  readonly #responses: unknown[] = [];
  readonly #errors: Error[] = [];
  #asked: number | undefined;
  #timer: Timer | undefined;
  #isOver = false;

  /** `end` must not throw. */
  constructor(end: BroadcastEnd) {
    this.#end = end;
  }

  /** What the adapter tells of each answer. */
  readonly take = (error: Error | null, value?: unknown): void => {
    if (this.#isOver) return;
    if (error === null) this.#responses.push(value);
    else this.#errors.push(error);
    this.#check();
  };

  /** Waits for the answers: until all have come, or for `timeoutMs`. */
  wait(question: BroadcastQuestion, clock: Clock, timeoutMs: number | undefined): void {
    if (timeoutMs !== undefined) {
      this.#timer = clock.setTimeout(() => {
        question.cancel();
        this.#finish(
          new BroadcastAckError(
            "timeout",
            `${this.#responses.length} of ${this.#asked ?? "the"} clients acknowledged within ${timeoutMs} ms.`,
            this.#responses,
            this.#errors,
          ),
        );
      }, timeoutMs);
    }
    question.asked.then(
      (asked) => {
        this.#asked = asked;
        this.#check();
      },
      (error: unknown) => {
        question.cancel();
        this.#finish(error instanceof Error ? error : new Error(String(error)));
      },
    );
  }

  #check(): void {
    const count = this.#responses.length + this.#errors.length;
    if (this.#asked === undefined || count < this.#asked) return;
    if (this.#errors.length === 0) this.#finish(null);
    else {
      this.#finish(
        new BroadcastAckError(
          "disconnected",
          `${this.#responses.length} of ${this.#asked} clients acknowledged; the others have left, or failed.`,
          this.#responses,
          this.#errors,
        ),
      );
    }
  }

  #finish(error: Error | null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#timer?.cancel();
    this.#end(error, this.#responses);
  }
}
