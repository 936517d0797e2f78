import type { EventError } from "../../shared/event-error.ts";
import type { Waiting } from "../../shared/deadlines.ts";
import { type Acknowledgement, type Answering, HANDLER_FAILED } from "../acknowledgement.ts";
import { AwaitedAcknowledgement, type AwaitedEvent } from "../awaited-acknowledgement.ts";
import type { Intake } from "./intake.ts";

/** Who handles the events. */
export interface TurnsHost extends Answering {
  /** Takes an event to its handlers; the acknowledgement says when they are done. */
  takeTurn(event: unknown[], acknowledgement: Acknowledgement): void;
  /** The handlers of an event take too long. */
  onOverdue(name: string): void;
}

/** The events of one socket, handled one after the other. */
export class Turns implements Waiting {
  dueMs = 0;
  readonly #host: TurnsHost;
  readonly #intake: Intake;
  readonly #waiting: Turn[] = [];
  /** Whose handlers work. */
  #current: Turn | undefined;
  #isRunning = false;
  #isOver = false;

  constructor(host: TurnsHost, intake: Intake) {
    this.#host = host;
    this.#intake = intake;
  }

  /** Takes the event of the packet that is being received. `numbered`: what waits for it in the client's outbox. */
  add(event: unknown[], ackId: number | undefined, numbered: AwaitedEvent | undefined): void {
    const { packetBytes } = this.#intake;
    const turn = new Turn(this, this.#host, numbered, event, ackId, packetBytes);
    if (this.#isOver) turn.onDropped();
    else if (this.#current === undefined && !this.#isRunning) this.#run(turn);
    else {
      this.#waiting.push(turn);
      this.#intake.add(packetBytes);
    }
  }

  /** The socket is gone: what waits is handled by nobody. `mayComeBack`: its client, in this process. */
  end(mayComeBack: boolean): void {
    this.#isOver = true;
    // An event of an outbox is under way until it is done, also when its client has come back.
    if (!mayComeBack || this.#current?.isNumbered !== true) this.#intake.rules.deadlines.remove(this);
    for (const turn of this.#waiting.splice(0)) {
      this.#intake.remove(turn.bytes);
      turn.onDropped();
    }
  }

  onDue(): void {
    const turn = this.#current;
    if (turn === undefined) return;
    this.#host.onOverdue(turn.name);
    turn.giveUp();
  }

  /** @internal */
  finish(turn: Turn): void {
    if (turn !== this.#current) return;
    this.#current = undefined;
    this.#intake.rules.deadlines.remove(this);
    // One that is done at once is followed by the next where it was begun, and not deeper and deeper.
    if (!this.#isRunning) this.#run(this.#next());
  }

  #run(first: Turn | undefined): void {
    this.#isRunning = true;
    try {
      for (let turn = first; turn !== undefined; turn = this.#next()) {
        this.#current = turn;
        this.#host.takeTurn(turn.event, new AwaitedAcknowledgement(turn, turn.ackId));
        if (this.#current === turn && !this.#isOver) this.#intake.rules.deadlines.add(this);
      }
    } finally {
      this.#isRunning = false;
    }
  }

  #next(): Turn | undefined {
    const turn = this.#current === undefined ? this.#waiting.shift() : undefined;
    if (turn === undefined) return undefined;
    // First: reading may go on with it, and what comes then stands behind.
    this.#current = turn;
    this.#intake.remove(turn.bytes);
    return turn;
  }
}

/** An event that has its turn, or waits for it. */
class Turn implements AwaitedEvent {
  /** Handlers may change the list. */
  readonly name: string;
  readonly event: unknown[];
  readonly ackId: number | undefined;
  readonly bytes: number;
  readonly #turns: Turns;
  readonly #answering: Answering;
  readonly #numbered: AwaitedEvent | undefined;
  #isAnswered = false;
  /** What its handlers still do counts no more. */
  #isGivenUp = false;

  constructor(
    turns: Turns,
    host: Answering,
    numbered: AwaitedEvent | undefined,
    event: unknown[],
    ackId: number | undefined,
    bytes: number,
  ) {
    this.#turns = turns;
    this.#answering = numbered ?? host;
    this.#numbered = numbered;
    this.name = String(event[0]);
    this.event = event;
    this.ackId = ackId;
    this.bytes = bytes;
  }

  /** Whether it is in the client's outbox until it is done. */
  get isNumbered(): boolean {
    return this.#numbered !== undefined;
  }

  get connected(): boolean {
    return !this.#isGivenUp && this.#answering.connected;
  }

  get wantsErrors(): boolean {
    return this.#answering.wantsErrors;
  }

  sendAck(id: number, data: unknown[]): void {
    this.#isAnswered = true;
    this.#answering.sendAck(id, data);
  }

  sendAckError(id: number, error: EventError): void {
    this.#isAnswered = true;
    this.#answering.sendAckError(id, error);
  }

  /** Its handlers take too long: for a client's outbox it has failed, and is done, or the outbox would stand still for ever. */
  giveUp(): void {
    if (this.#numbered === undefined) return;
    if (this.ackId !== undefined && !this.#isAnswered && this.wantsErrors) {
      this.sendAckError(this.ackId, HANDLER_FAILED);
    }
    this.onDone();
    this.#isGivenUp = true;
  }

  onDone(): void {
    if (this.#isGivenUp) return;
    this.#numbered?.onDone();
    this.#turns.finish(this);
  }

  onDropped(): void {
    if (this.#isGivenUp) return;
    this.#numbered?.onDropped();
    this.#turns.finish(this);
  }
}
