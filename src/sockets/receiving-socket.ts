import { PacketError, type SocketPacket } from "../packets/index.ts";
import type { AnyListener } from "../shared/basic-emitter.ts";
import { EventError } from "../shared/event-error.ts";
import type { EventMap } from "../shared/events.ts";
import { Acknowledgement, HANDLER_FAILED } from "./acknowledgement.ts";
import { AwaitedAcknowledgement, type AwaitedEvent } from "./awaited-acknowledgement.ts";
import type { DisconnectDetails, DisconnectReason } from "./disconnect-reason.ts";
import { type EventGoal, passEvent, type SocketMiddleware } from "./event-gate.ts";
import type { SocketLimiter } from "./rate-limits/socket-limiter.ts";
import { type SendingOwner, SendingSocket } from "./sending-socket.ts";
import { Turns, type TurnsHost } from "./turns/turns.ts";
import type { ArgumentSchemas } from "./validation.ts";

/** Stands for the acknowledgement of an event that wants none, where somebody asks which one it was. */
const NOBODY = { fail(): void {}, hold(): void {} };

/** What receiving needs of a namespace. */
export interface ReceivingOwner extends SendingOwner {
  schemasOf(event: string): ArgumentSchemas | undefined;
}

/** The half of a socket that receives: events, through limits, middleware and schemas to the listeners; it answers for those that fail. */
export abstract class ReceivingSocket<
  ListenEvents extends EventMap,
  EmitEvents extends EventMap,
  SocketData,
  Owner extends ReceivingOwner,
>
  extends SendingSocket<ListenEvents, EmitEvents, SocketData, Owner>
  implements EventGoal, TurnsHost
{
  #middleware: readonly SocketMiddleware[] | undefined;
  /** There if events are handled in order, and there were any. */
  #turns: Turns | undefined;

  /**
   * Adds a middleware for the events that come: it gets each with its name in front, and, if the client waits for an acknowledgement, what gives
   * it at the end; it may change the list. An error given to
   * `next` refuses the event: no listener hears it, `error` is emitted here, and the client is told if it waits for an acknowledgement and knows
   * errors. While an asynchronous one runs, later events may overtake, unless they are handled in order (`handlers`): then one that does not call `next` holds up all.
   *
   * @example
   * socket.use(([name], next) => next(mayCall(socket, name) ? undefined : new EventError("forbidden", "Not for you.")));
   */
  use(middleware: SocketMiddleware): this {
    if (typeof middleware !== "function") {
      throw new TypeError(`A middleware must be a function, not ${typeof middleware}.`);
    }
    this.#middleware = [...(this.#middleware ?? []), middleware];
    return this;
  }

  /** @internal */
  sendDone(sequence: number): void {
    const { name } = this.socketOwner;
    const packet: SocketPacket = {
      type: "ack",
      namespace: name,
      id: undefined,
      data: undefined,
      position: sequence,
    };
    if (this.connected) this.socketLink.send(packet);
  }

  /** @internal */
  receiveEvent(
    event: unknown[],
    ackId: number | undefined,
    sequence: number | undefined,
    limiter: SocketLimiter | undefined,
  ): void {
    if (sequence !== undefined) this.#receiveNumbered(event, ackId, sequence, limiter);
    else this.#count(event, ackId, undefined, limiter);
  }

  /** @internal */
  schemasOf(name: string): ArgumentSchemas | undefined {
    return this.socketOwner.schemasOf(name);
  }

  /** @internal */
  hear(name: string, args: unknown[], acknowledgement: Acknowledgement | undefined): void {
    if (this.socketState === "joined") {
      if (acknowledgement === undefined) this.catchIncoming(name, args);
      else this.#tellAny(name, args, acknowledgement);
      this.dispatch(name, args, acknowledgement ?? NOBODY);
      acknowledgement?.release();
    } else acknowledgement?.drop();
  }

  /** @internal */
  refuse(error: unknown, name: string, acknowledgement: Acknowledgement | undefined): void {
    acknowledgement?.fail(error instanceof EventError ? error : HANDLER_FAILED);
    acknowledgement?.release();
    if (this.dispatch("error", [error]) || error instanceof EventError) return;
    this.socketOwner.onError(error, name, this.id);
  }

  /** @internal */
  onFailed(error: unknown, name: string, acknowledgement: Acknowledgement | undefined): void {
    this.socketOwner.onError(error, name, this.id);
    acknowledgement?.fail(HANDLER_FAILED);
    acknowledgement?.release();
  }

  protected override listenerFailed(error: unknown, name: string, context?: unknown): void {
    if (context !== undefined) {
      const isAnswer = error instanceof EventError;
      (context as typeof NOBODY | Acknowledgement).fail(isAnswer ? error : HANDLER_FAILED);
      if (isAnswer) return;
    }
    this.socketOwner.onError(error, name, this.id);
  }

  protected override watch(
    result: unknown,
    name: string,
    context?: unknown,
  ): PromiseLike<unknown> | undefined {
    const work = super.watch(result, name, context);
    if (work !== undefined) (context as typeof NOBODY | Acknowledgement | undefined)?.hold(work);
    return work;
  }

  /** @internal */
  abstract end(reason: DisconnectReason, details: DisconnectDetails): void;

  /** @internal */
  takeTurn(event: unknown[], acknowledgement: Acknowledgement | undefined): void {
    const name = String(event[0]);
    const schemas = this.socketOwner.schemasOf(name);
    if (this.#middleware === undefined && schemas === undefined) {
      event.shift();
      if (acknowledgement?.isWanted === true) event.push(acknowledgement.give);
      this.hear(name, event, acknowledgement);
    } else passEvent(event, acknowledgement, this.#middleware ?? [], this);
  }

  /** @internal */
  onOverdue(name: string): void {
    const description = `The handlers of "${name}" did not settle in time ("handlerTimeout").`;
    this.socketOwner.onError(new Error(description), name, this.id);
    // Its client may have left meanwhile, and be in other namespaces.
    if (!this.connected) return;
    this.end("handler timeout", { clean: true, description });
    this.socketLink.endSession();
  }

  /** What waits for its turn is handled by nobody. */
  protected endTurns(mayComeBack: boolean): void {
    this.#turns?.end(mayComeBack);
  }

  /** As {@link catchIncoming}, for an event that may be waited for. */
  #tellAny(name: string, args: readonly unknown[], acknowledgement: Acknowledgement): void {
    for (const listener of this.listenersAny() as AnyListener[]) {
      try {
        const work = this.watch(listener(name, ...args), name);
        if (work !== undefined) acknowledgement.hold(work);
      } catch (error) {
        this.listenerFailed(error, name);
      }
    }
  }

  /** First of all: an event that is one too many must cost little, and a flood of them must not become one of errors. */
  #count(
    event: unknown[],
    ackId: number | undefined,
    numbered: AwaitedEvent | undefined,
    limiter: SocketLimiter | undefined,
  ): void {
    if (limiter === undefined) return this.#pass(event, ackId, numbered);
    const name = String(event[0]);
    const retryAfterMs = limiter.take(name);
    if (retryAfterMs === 0) return this.#pass(event, ackId, numbered);
    const acknowledgement = this.#acknowledgementOf(ackId, numbered);
    if (acknowledgement?.isWanted === true && this.wantsErrors) {
      acknowledgement.fail(limiter.answerTo(name, retryAfterMs));
    }
    acknowledgement?.release();
    const report = limiter.reportOf(name, retryAfterMs);
    if (report !== undefined) this.dispatch("error", [report]);
  }

  /** To its handlers, or to those that wait for theirs. */
  #pass(event: unknown[], ackId: number | undefined, numbered: AwaitedEvent | undefined): void {
    const { intake } = this.socketLink;
    if (intake === undefined) this.takeTurn(event, this.#acknowledgementOf(ackId, numbered));
    else (this.#turns ??= new Turns(this, intake)).add(event, ackId, numbered);
  }

  #acknowledgementOf(
    ackId: number | undefined,
    numbered: AwaitedEvent | undefined,
  ): Acknowledgement | undefined {
    if (numbered !== undefined) return new AwaitedAcknowledgement(numbered, ackId);
    return ackId === undefined ? undefined : new Acknowledgement(this, ackId);
  }

  /** Takes an event of the client's outbox: once. */
  #receiveNumbered(
    event: unknown[],
    ackId: number | undefined,
    sequence: number,
    limiter: SocketLimiter | undefined,
  ): void {
    // Of one that was taken over, or is leaving: the client will send it again, or never.
    if (this.socketState !== "joined") return;
    const { delivery } = this.socketOwner;
    const seat = this.socketFeed?.seat;
    if (seat === undefined || delivery === undefined) {
      throw new PacketError("Only the events of a client with a seat have numbers.");
    }
    const numbered = delivery.receive(seat, sequence, this.wantsErrors);
    // What is sent again and was done already is not counted; what is refused is done.
    if (numbered !== undefined) this.#count(event, ackId, numbered, limiter);
  }
}
