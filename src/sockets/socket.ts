import type { PreparedMessage } from "../engine/index.ts";
import { RESERVED_EVENTS } from "../packets/index.ts";
import type { Clock } from "../shared/clock.ts";
import { EventSocket } from "../shared/event-socket.ts";
import type { DefaultEvents, EventArguments, EventMap, EventNames } from "../shared/events.ts";
import type { EmitFlags } from "../shared/flagged-emitter.ts";
import { AckError, type AckCallback } from "../shared/pending-acks.ts";
import type { Adapter, BroadcastTarget, Member, Room } from "./adapter.ts";
import { BroadcastOperator, EVERYONE } from "./broadcast-operator.ts";
import type { DisconnectDetails, DisconnectReason } from "./disconnect-reason.ts";
import type { Handshake } from "./handshake.ts";
import type { LinkedSocket, SocketLink } from "./multiplexer.ts";

/** Events of a socket that are not the client's. */
export type SocketReservedEvents = {
  /** The socket is about to leave; it is still in its rooms. */
  disconnecting: (reason: DisconnectReason, details: DisconnectDetails) => void;
  /** The socket is gone, and out of its rooms. */
  disconnect: (reason: DisconnectReason, details: DisconnectDetails) => void;
};

/** What a socket needs of its namespace. */
export interface SocketContext {
  readonly namespace: string;
  readonly adapter: Adapter;
  readonly clock: Clock;
  /** The socket is there. */
  onStart(): void;
  /** The socket is gone. */
  onEnd(): void;
  /** A listener threw or rejected. */
  onListenerError(error: unknown, event: string): void;
  /** Sends an event to others. */
  broadcast(target: BroadcastTarget, name: string, args: readonly unknown[]): void;
  /** A promise of the adapter was rejected. */
  onAdapterError(error: unknown): void;
}

const NO_FLAGS: EmitFlags = {};
const SERVER_LEFT: DisconnectDetails = { clean: true, description: "disconnected by the server" };

/**
 * A client's presence in a namespace.
 *
 * @example
 * io.on("connection", (socket) => {
 *   socket.on("hello", (name, ack) => ack(`Hello, ${name}.`));
 * });
 */
export class Socket<
  ListenEvents extends EventMap = DefaultEvents,
  EmitEvents extends EventMap = DefaultEvents,
  // `any`: what users keep on a socket is theirs.
  // oxlint-disable-next-line typescript/no-explicit-any
  SocketData = any,
>
  extends EventSocket<ListenEvents, EmitEvents, SocketReservedEvents>
  implements LinkedSocket, Member
{
  /** 20 unguessable characters; also the name of a room that holds only this socket. */
  readonly id: string;
  /** How the socket came to be. */
  readonly handshake: Handshake;
  /** Yours, for whatever belongs to this client. */
  data: SocketData = {} as SocketData;
  readonly #link: SocketLink;
  readonly #context: SocketContext;
  #connected = true;
  #ending = false;

  /** @internal Made by a namespace. */
  constructor(id: string, handshake: Handshake, link: SocketLink, context: SocketContext) {
    super();
    this.id = id;
    this.handshake = handshake;
    this.#link = link;
    this.#context = context;
  }

  /** Whether the client is in the namespace. */
  get connected(): boolean {
    return this.#connected;
  }

  /** The rooms that the socket is in; its own id is one of them. A copy: changing it changes nothing. */
  get rooms(): Set<Room> {
    return new Set(this.#context.adapter.roomsOf(this));
  }

  /**
   * Sends an event to this client; a function as the last argument is called with the acknowledgement.
   * Throws a `TypeError` for a reserved name or a value that JSON can't hold. Dropped after the socket is gone.
   */
  emit<Name extends EventNames<EmitEvents>>(name: Name, ...args: EventArguments<EmitEvents, Name>): boolean {
    this.sendEvent(NO_FLAGS, name, args);
    return true;
  }

  /** Everyone in the namespace but this socket. */
  get broadcast(): BroadcastOperator<EmitEvents> {
    const { broadcast } = this.#context;
    return new BroadcastOperator(broadcast, { ...EVERYONE, except: new Set([this.id]) });
  }

  /** The members of rooms, but for this socket. */
  to(room: Room | readonly Room[]): BroadcastOperator<EmitEvents> {
    return this.broadcast.to(room);
  }

  /** Same as {@link to}. */
  in(room: Room | readonly Room[]): BroadcastOperator<EmitEvents> {
    return this.broadcast.to(room);
  }

  /** Everyone in the namespace, but for this socket and the members of rooms. */
  except(room: Room | readonly Room[]): BroadcastOperator<EmitEvents> {
    return this.broadcast.except(room);
  }

  /** Joins rooms. On this node it takes effect before the call returns; the promise is for the others. */
  join(rooms: Room | readonly Room[]): Promise<void> {
    if (!this.#connected) return Promise.resolve();
    return this.#context.adapter.join(this, typeof rooms === "string" ? [rooms] : rooms);
  }

  /** Leaves a room. */
  leave(room: Room): Promise<void> {
    return this.#context.adapter.leave(this, room);
  }

  /** Makes the client leave the namespace; `close` ends its connection, with all its other namespaces. */
  disconnect(close = false): this {
    if (this.#ending) return this;
    this.#link.leave(close);
    this.end("server namespace disconnect", SERVER_LEFT);
    return this;
  }

  /** @internal */
  start(): void {
    this.#run(this.#context.adapter.join(this, [this.id]));
    this.#link.send({
      type: "connect",
      namespace: this.#context.namespace,
      id: undefined,
      data: { sid: this.id },
    });
    this.#context.onStart();
  }

  /** @internal */
  receiveEvent([name, ...args]: unknown[], ackId: number | undefined): void {
    if (ackId !== undefined) args.push(this.#acknowledgement(ackId));
    this.catchIncoming(String(name), args);
    this.dispatch(String(name), args);
  }

  /** @internal */
  receiveAck(ackId: number, args: unknown[]): void {
    this.acksIfAny?.settle(ackId, args);
  }

  /** @internal */
  deliver(message: PreparedMessage, isVolatile: boolean): void {
    if (!isVolatile || this.#link.isWritable) this.#link.sendPrepared(message);
  }

  /** @internal */
  end(reason: DisconnectReason, details: DisconnectDetails): void {
    // A listener for "disconnecting" may say disconnect() once more.
    if (this.#ending) return;
    this.#ending = true;
    this.dispatch("disconnecting", [reason, details]);
    this.#connected = false;
    this.#run(this.#context.adapter.leaveAll(this));
    this.#context.onEnd();
    this.acksIfAny?.abandon();
    this.dispatch("disconnect", [reason, details]);
  }

  protected override get clock(): Clock {
    return this.#context.clock;
  }

  protected override listenerFailed(error: unknown, name: string): void {
    this.#context.onListenerError(error, name);
  }

  protected override sendEvent(flags: EmitFlags, name: string, args: readonly unknown[]): void {
    if (RESERVED_EVENTS.has(name)) throw new TypeError(`"${name}" is reserved: it can't be sent.`);
    const last = args.at(-1);
    const acknowledge = typeof last === "function" ? (last as AckCallback) : undefined;
    const data = [name, ...(acknowledge === undefined ? args : args.slice(0, -1))];
    const errorFirst = flags.errorFirst === true || flags.timeoutMs !== undefined;
    if (!this.#connected) {
      if (acknowledge !== undefined && errorFirst) {
        queueMicrotask(() => acknowledge(new AckError("disconnected", "The client is not connected.")));
      }
      return;
    }
    const id =
      acknowledge === undefined ? undefined : this.acks.add(acknowledge, errorFirst, flags.timeoutMs);
    if (flags.volatile === true && !this.#link.isWritable) return;
    this.catchOutgoing(name, args);
    try {
      this.#link.send({ type: "event", namespace: this.#context.namespace, id, data });
    } catch (error) {
      if (id !== undefined) this.acks.cancel(id);
      throw error;
    }
  }

  /** What a listener calls to acknowledge an event: once. */
  #acknowledgement(id: number): (...args: unknown[]) => void {
    let given = false;
    return (...data) => {
      if (given || !this.#connected) return;
      given = true;
      this.#link.send({ type: "ack", namespace: this.#context.namespace, id, data });
    };
  }

  #run(done: Promise<void>): void {
    done.catch((error: unknown) => this.#context.onAdapterError(error));
  }
}
