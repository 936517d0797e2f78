import { CatchAll } from "./catch-all.ts";
import type { Clock } from "./clock.ts";
import { type AnyListener, BasicEmitter } from "./basic-emitter.ts";
import type {
  AckedArguments,
  AckResult,
  EventArguments,
  EventMap,
  EventNames,
  WithAckErrors,
} from "./events.ts";
import { type EmitFlags, FlaggedEmitter } from "./flagged-emitter.ts";
import { PendingAcks } from "./pending-acks.ts";

const NO_FLAGS: EmitFlags = {};

/** A listener for every event: it gets the event's name, then its arguments. */
export type CatchAllListener<Events extends EventMap> = <Name extends EventNames<Events>>(
  name: Name,
  ...args: EventArguments<Events, Name>
) => unknown;

/** What the sockets of both sides share: sending under conditions, acknowledgements, catch-all listeners. */
export abstract class EventSocket<
  ListenEvents extends EventMap,
  EmitEvents extends EventMap,
  ReservedEvents extends EventMap,
> extends BasicEmitter<ListenEvents & ReservedEvents> {
  #acks: PendingAcks | undefined;
  #incoming: CatchAll | undefined;
  #outgoing: CatchAll | undefined;

  /**
   * Sends an event and waits for its acknowledgement. Rejects with an `AckError` if the connection is lost in between: it
   * is then unknown whether the event arrived. Rejects with an `EventError` if the other side says that it failed.
   *
   * @example
   * const id = await socket.timeout(5000).emitWithAck("save", text);
   */
  emitWithAck<Name extends EventNames<EmitEvents>>(
    name: Name,
    ...args: AckedArguments<EmitEvents, Name>
  ): Promise<AckResult<EmitEvents, Name>> {
    return this.with(NO_FLAGS).emitWithAck(name, ...args);
  }

  /** `emit` and `emitWithAck` with a limit, in milliseconds, on how long the acknowledgement may take. */
  timeout(timeoutMs: number): FlaggedEmitter<EmitEvents, WithAckErrors<EmitEvents>> {
    return this.with(NO_FLAGS).timeout(timeoutMs);
  }

  /** `emit` for events that are dropped unless they can be sent now: their acknowledgements then fail at once, with `buffer_full`. */
  get volatile(): FlaggedEmitter<EmitEvents> {
    return this.with({ volatile: true });
  }

  /** `emit` and `emitWithAck` for events that may, or may not, be compressed on their way, where that is switched on. */
  compress(compress: boolean): FlaggedEmitter<EmitEvents> {
    return this.with({ compress });
  }

  /** Adds a listener for every event that comes; it is called before those for the event's name. */
  onAny(listener: CatchAllListener<ListenEvents>): this {
    (this.#incoming ??= new CatchAll()).add(listener as AnyListener);
    return this;
  }

  /** Adds a listener for every event that comes, in front of the others. */
  prependAny(listener: CatchAllListener<ListenEvents>): this {
    (this.#incoming ??= new CatchAll()).prepend(listener as AnyListener);
    return this;
  }

  /** Removes a listener for every event that comes; without one, all of them. */
  offAny(listener?: CatchAllListener<ListenEvents>): this {
    this.#incoming?.remove(listener as AnyListener | undefined);
    return this;
  }

  /** The listeners for every event that comes. */
  listenersAny(): CatchAllListener<ListenEvents>[] {
    return (this.#incoming?.listeners ?? []) as CatchAllListener<ListenEvents>[];
  }

  /** Adds a listener for every event that is sent; acknowledgements are none. */
  onAnyOutgoing(listener: CatchAllListener<EmitEvents>): this {
    (this.#outgoing ??= new CatchAll()).add(listener as AnyListener);
    return this;
  }

  /** Adds a listener for every event that is sent, in front of the others. */
  prependAnyOutgoing(listener: CatchAllListener<EmitEvents>): this {
    (this.#outgoing ??= new CatchAll()).prepend(listener as AnyListener);
    return this;
  }

  /** Removes a listener for every event that is sent; without one, all of them. */
  offAnyOutgoing(listener?: CatchAllListener<EmitEvents>): this {
    this.#outgoing?.remove(listener as AnyListener | undefined);
    return this;
  }

  /** The listeners for every event that is sent. */
  listenersAnyOutgoing(): CatchAllListener<EmitEvents>[] {
    return (this.#outgoing?.listeners ?? []) as CatchAllListener<EmitEvents>[];
  }

  protected abstract get clock(): Clock;

  /** Sends an event; the last of `args` is its acknowledgement if it is a function. */
  protected abstract sendEvent(flags: EmitFlags, name: string, args: readonly unknown[]): void;

  /** What this socket waits for. */
  protected get acks(): PendingAcks {
    return (this.#acks ??= new PendingAcks(this.clock, (error) =>
      this.listenerFailed(error, "acknowledgement"),
    ));
  }

  /** The same, if there ever was something to wait for. */
  protected get acksIfAny(): PendingAcks | undefined {
    return this.#acks;
  }

  protected with(flags: EmitFlags): FlaggedEmitter<EmitEvents> {
    return new FlaggedEmitter((given, name, args) => this.sendEvent(given, name, args), flags);
  }

  /** Tells the catch-all listeners about an event that came. */
  protected catchIncoming(name: string, args: readonly unknown[]): void {
    this.#incoming?.call(name, args, (error) => this.listenerFailed(error, name));
  }

  /** Tells the catch-all listeners about an event that is sent. */
  protected catchOutgoing(name: string, args: readonly unknown[]): void {
    this.#outgoing?.call(name, args, (error) => this.listenerFailed(error, name));
  }
}
