import type { KeptRequest, PreparedMessage } from "../engine/index.ts";
import { RESERVED_EVENTS, type SocketPacket } from "../packets/index.ts";
import type { Clock } from "../shared/clock.ts";
import { EventError } from "../shared/event-error.ts";
import { EventSocket } from "../shared/event-socket.ts";
import type { DefaultEvents, EventArguments, EventMap, EventNames } from "../shared/events.ts";
import type { EmitFlags } from "../shared/flagged-emitter.ts";
import { AckError, type AckCallback } from "../shared/pending-acks.ts";
import { Acknowledgement, type Answering } from "./acknowledgement.ts";
import type { Adapter, Member, Room, TakeAnswer } from "./adapter.ts";
import { type BroadcastChannel, EVERYONE } from "./broadcast-channel.ts";
import type { MessageArguments, NoEvents } from "./broadcast-events.ts";
import { BroadcastOperator } from "./broadcast-operator.ts";
import type { Broadcasting } from "./broadcasting.ts";
import type { Connection } from "./connection.ts";
import type { DisconnectDetails, DisconnectReason } from "./disconnect-reason.ts";
import { EarlyWork } from "./early-work.ts";
import { type EventGoal, passEvent, type SocketMiddleware } from "./event-gate.ts";
import { type Handshake, handshakeOf } from "./handshake.ts";
import type { LinkedSocket, SocketLink } from "./multiplexer.ts";
import { checkedRooms } from "./room-list.ts";
import type { ArgumentSchemas } from "./validation.ts";

/** Events of a socket that are not the client's. */
export type SocketReservedEvents = {
  /** The socket is about to leave; it is still in its rooms. */
  disconnecting: (reason: DisconnectReason, details: DisconnectDetails) => void;
  /** The socket is gone, and out of its rooms. */
  disconnect: (reason: DisconnectReason, details: DisconnectDetails) => void;
  /** An event of the client was refused: by middleware of the socket, or as its arguments are not valid (an `EventError`). */
  error: (error: Error) => void;
};

/** The events of a namespace, but for those that other nodes send. */
export type NamespaceReservedEvents<
  ListenEvents extends EventMap,
  EmitEvents extends EventMap,
  ServerSideEvents extends EventMap,
  SocketData,
> = {
  /** A client has joined. */
  connection: (socket: Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>) => void;
  /** Same as `connection`. */
  connect: (socket: Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>) => void;
};

/** A namespace as a socket of it shows it. */
export interface SocketNamespace<
  ListenEvents extends EventMap,
  EmitEvents extends EventMap,
  ServerSideEvents extends EventMap,
  SocketData,
> extends Broadcasting<
  ServerSideEvents & NamespaceReservedEvents<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
  EmitEvents,
  SocketData
> {
  readonly name: string;
  /** The sockets on this node, by id. */
  readonly sockets: ReadonlyMap<string, Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>>;
  /** Who keeps the rooms. */
  readonly adapter: Adapter;
}

/** What all sockets of a namespace share. */
export interface SocketOwner<
  ListenEvents extends EventMap,
  EmitEvents extends EventMap,
  ServerSideEvents extends EventMap,
  SocketData,
> {
  readonly namespace: SocketNamespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>;
  readonly name: string;
  readonly adapter: Adapter;
  readonly channel: BroadcastChannel;
  readonly clock: Clock;
  readonly maxRoomsPerSocket: number;
  schemasOf(event: string): ArgumentSchemas | undefined;
  /** The socket is there. */
  onStart(socket: Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>): void;
  /** The socket is gone; before it was there, if it was not `started`. */
  onEnd(socket: Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>, started: boolean): void;
  /** A listener, a middleware, a schema or the adapter failed. */
  onError(error: unknown, event: string, socketId: string): void;
}

const NO_FLAGS: EmitFlags = {};
const SERVER_LEFT: DisconnectDetails = { clean: true, description: "disconnected by the server" };
/** Stands for the acknowledgement of an event that wants none, where somebody asks which one it was. */
const NOBODY = { fail(): void {} };
const HANDLER_FAILED = new EventError("handler_failed", "The handler of this event failed.");

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
  EmitEvents extends EventMap = ListenEvents,
  ServerSideEvents extends EventMap = NoEvents,
  // `any`: what users keep on a socket is theirs.
  // oxlint-disable-next-line typescript/no-explicit-any
  SocketData = any,
>
  extends EventSocket<ListenEvents, EmitEvents, SocketReservedEvents>
  implements LinkedSocket, Member, Answering, EventGoal
{
  /** 20 unguessable characters; also the name of a room that holds only this socket. */
  readonly id: string;
  readonly #link: SocketLink;
  readonly #owner: SocketOwner<ListenEvents, EmitEvents, ServerSideEvents, SocketData>;
  #state: "joining" | "joined" | "leaving" | "gone" = "joining";
  /** What the client gave, until somebody wants to see the handshake. */
  #auth: Record<string, unknown> | undefined;
  #handshake: Handshake | undefined;
  #data: SocketData | undefined;
  #early: EarlyWork | undefined;
  #middleware: readonly SocketMiddleware[] | undefined;

  /** @internal Made by a namespace. */
  constructor(
    id: string,
    auth: Record<string, unknown> | undefined,
    link: SocketLink,
    owner: SocketOwner<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
  ) {
    super();
    this.id = id;
    this.#auth = auth;
    this.#link = link;
    this.#owner = owner;
  }

  /** How the socket came to be. */
  get handshake(): Handshake {
    return (this.#handshake ??= handshakeOf(this.#link.request, this.#auth ?? {}));
  }

  /** Yours, for whatever belongs to this client. */
  get data(): SocketData {
    return (this.#data ??= {} as SocketData);
  }

  set data(data: SocketData) {
    this.#data = data;
  }

  /** The namespace that it is in. */
  get nsp(): SocketNamespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData> {
    return this.#owner.namespace;
  }

  /** The session that carries it. */
  get conn(): Connection {
    return this.#link.connection;
  }

  /** What is kept of the request that began the session; `raw` is the request itself, with the option `keepRequest`. */
  get request(): KeptRequest {
    return this.#link.request;
  }

  /** Whether the client is in the namespace. */
  get connected(): boolean {
    return this.#state === "joined" || this.#state === "leaving";
  }

  /** The opposite of {@link connected}. */
  get disconnected(): boolean {
    return !this.connected;
  }

  /** Whether it goes on where an earlier one ended. Always false: sessions that must survive ask for a link instead. */
  get recovered(): boolean {
    return false;
  }

  /** The rooms that the socket is in; its own id is one of them. A copy: changing it changes nothing. */
  get rooms(): Set<Room> {
    return new Set(this.#early?.rooms ?? this.#owner.adapter.roomsOf(this));
  }

  /**
   * Sends an event to this client; a function as the last argument is called with the acknowledgement.
   * Throws a `TypeError` for a reserved name or a value that JSON can't hold. Dropped after the socket is gone; in middleware of the namespace,
   * kept until the client has joined.
   *
   * @example
   * socket.emit("question", "really?", (answer) => console.log(answer));
   */
  emit<Name extends EventNames<EmitEvents>>(name: Name, ...args: EventArguments<EmitEvents, Name>): boolean {
    this.sendEvent(NO_FLAGS, name, args);
    return true;
  }

  /** Sends the event `message`. */
  send(...args: MessageArguments<EmitEvents>): this {
    this.sendEvent(NO_FLAGS, "message", args);
    return this;
  }

  /** Same as {@link send}. */
  write(...args: MessageArguments<EmitEvents>): this {
    return this.send(...args);
  }

  /**
   * Adds a middleware for the events that come: it gets each with its name in front, and may change the list. An error given to
   * `next` refuses the event: no listener hears it, `error` is emitted here, and the client is told if it waits for an acknowledgement and knows
   * errors. While an asynchronous one runs, later events may overtake.
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

  /** Everyone in the namespace but this socket. */
  get broadcast(): BroadcastOperator<EmitEvents, SocketData> {
    return new BroadcastOperator(this.#owner.channel, { ...EVERYONE, except: new Set([this.id]) });
  }

  /** The same, but only on this node. */
  get local(): BroadcastOperator<EmitEvents, SocketData> {
    return this.broadcast.local;
  }

  /** The members of rooms, but for this socket. */
  to(room: Room | readonly Room[]): BroadcastOperator<EmitEvents, SocketData> {
    return this.broadcast.to(room);
  }

  /** Same as {@link to}. */
  in(room: Room | readonly Room[]): BroadcastOperator<EmitEvents, SocketData> {
    return this.broadcast.to(room);
  }

  /** Everyone in the namespace, but for this socket and the members of rooms. */
  except(room: Room | readonly Room[]): BroadcastOperator<EmitEvents, SocketData> {
    return this.broadcast.except(room);
  }

  /**
   * Joins rooms. On this node it takes effect before the call returns; the promise is for the others, and may be ignored, as what fails is
   * reported as well (`handler_error`). Throws a `RangeError` if it would be in more than `maxRoomsPerSocket`, a `TypeError` for a name that is no string.
   *
   * @example
   * socket.join(["room-1", "room-2"]);
   */
  join(rooms: Room | readonly Room[]): Promise<void> {
    if (this.#state === "gone") return Promise.resolve();
    const list = checkedRooms(rooms);
    const { adapter, maxRoomsPerSocket } = this.#owner;
    const now = this.#early?.rooms ?? adapter.roomsOf(this);
    if (now.size + list.length > maxRoomsPerSocket) {
      const added = new Set(list.filter((room) => !now.has(room)));
      if (now.size + added.size > maxRoomsPerSocket) {
        throw new RangeError(`A socket is in at most ${maxRoomsPerSocket} rooms ("maxRoomsPerSocket").`);
      }
    }
    if (this.#state === "joining") {
      this.#earlyWork.join(list);
      return Promise.resolve();
    }
    return this.#watch(() => adapter.join(this, list));
  }

  /** Leaves a room, in the way of {@link join}. */
  leave(room: Room): Promise<void> {
    if (this.#state === "joining") {
      this.#early?.rooms.delete(room);
      return Promise.resolve();
    }
    return this.#watch(() => this.#owner.adapter.leave(this, room));
  }

  /** Makes the client leave the namespace; `close` ends its connection, with all its other namespaces. */
  disconnect(close = false): this {
    if (this.#state === "leaving" || this.#state === "gone") return this;
    this.#link.leave(this, close);
    this.end("server namespace disconnect", SERVER_LEFT);
    return this;
  }

  /** @internal */
  get isJoining(): boolean {
    return this.#state === "joining";
  }

  /** @internal */
  start(): void {
    const early = this.#early;
    this.#early = undefined;
    this.#state = "joined";
    const rooms = early === undefined ? [this.id] : [...early.rooms];
    void this.#watch(() => this.#owner.adapter.join(this, rooms));
    this.#link.send({
      type: "connect",
      namespace: this.#owner.name,
      id: undefined,
      data: { sid: this.id },
    });
    for (const packet of early?.packets ?? []) this.#link.send(packet);
    // What was sent may have been more than may wait for this client: then it is gone already.
    if (this.connected) this.#owner.onStart(this);
    else this.#owner.onEnd(this, false);
  }

  /** @internal */
  receiveEvent(event: unknown[], ackId: number | undefined): void {
    const acknowledgement = ackId === undefined ? undefined : new Acknowledgement(this, ackId);
    const name = String(event[0]);
    const schemas = this.#owner.schemasOf(name);
    if (this.#middleware === undefined && schemas === undefined) {
      event.shift();
      this.hear(name, event, acknowledgement);
    } else passEvent(event, acknowledgement, this.#middleware ?? [], this);
  }

  /** @internal */
  schemasOf(name: string): ArgumentSchemas | undefined {
    return this.#owner.schemasOf(name);
  }

  /** @internal */
  hear(name: string, args: unknown[], acknowledgement: Acknowledgement | undefined): void {
    if (this.#state !== "joined") return;
    if (acknowledgement !== undefined) args.push(acknowledgement.give);
    this.catchIncoming(name, args);
    this.dispatch(name, args, acknowledgement ?? NOBODY);
  }

  /** @internal */
  refuse(error: unknown, name: string, acknowledgement: Acknowledgement | undefined): void {
    acknowledgement?.fail(error instanceof EventError ? error : HANDLER_FAILED);
    if (this.dispatch("error", [error]) || error instanceof EventError) return;
    this.#owner.onError(error, name, this.id);
  }

  /** @internal */
  onFailed(error: unknown, name: string, acknowledgement: Acknowledgement | undefined): void {
    this.#owner.onError(error, name, this.id);
    acknowledgement?.fail(HANDLER_FAILED);
  }

  /** @internal */
  receiveAck(ackId: number, args: unknown[]): void {
    this.acksIfAny?.settle(ackId, args);
  }

  /** @internal */
  receiveAckError(ackId: number, error: EventError): void {
    this.acksIfAny?.fail(ackId, error);
  }

  /** @internal */
  get wantsErrors(): boolean {
    return this.#link.wantsErrors;
  }

  /** @internal */
  sendAck(id: number, data: unknown[]): void {
    this.#link.send({ type: "ack", namespace: this.#owner.name, id, data });
  }

  /** @internal */
  sendAckError(id: number, { code, message, data }: EventError): void {
    const packet = { type: "connect_error", namespace: this.#owner.name, id } as const;
    try {
      this.#link.send({ ...packet, data: { code, message, data } });
    } catch (error) {
      // What the application has put into it can't be told.
      this.#owner.onError(error, "acknowledgement", this.id);
      this.#link.send({ ...packet, data: { code, message } });
    }
  }

  /** @internal */
  deliver(message: PreparedMessage, isVolatile: boolean): void {
    if (!isVolatile || this.#link.isWritable) this.#link.sendPrepared(message);
  }

  /** @internal */
  ask(message: PreparedMessage, id: number, isVolatile: boolean, take: TakeAnswer): boolean {
    if (!this.connected || (isVolatile && !this.#link.isWritable)) return false;
    this.acks.expect(id, take as AckCallback);
    this.#link.sendPrepared(message);
    return true;
  }

  /** @internal */
  forgetQuestion(id: number): void {
    this.acksIfAny?.cancel(id);
  }

  /** @internal */
  end(reason: DisconnectReason, details: DisconnectDetails): void {
    // A listener for "disconnecting" may say disconnect() once more.
    if (this.#state === "leaving" || this.#state === "gone") return;
    if (this.#state === "joining") {
      this.#state = "gone";
      this.#early = undefined;
      this.acksIfAny?.abandon();
      this.#owner.onEnd(this, false);
      return;
    }
    this.#state = "leaving";
    this.dispatch("disconnecting", [reason, details]);
    this.#state = "gone";
    void this.#watch(() => this.#owner.adapter.leaveAll(this));
    this.acksIfAny?.abandon();
    this.#owner.onEnd(this, true);
    this.dispatch("disconnect", [reason, details]);
  }

  protected override get clock(): Clock {
    return this.#owner.clock;
  }

  protected override listenerFailed(error: unknown, name: string, context?: unknown): void {
    if (context !== undefined) {
      const isAnswer = error instanceof EventError;
      (context as typeof NOBODY | Acknowledgement).fail(isAnswer ? error : HANDLER_FAILED);
      if (isAnswer) return;
    }
    this.#owner.onError(error, name, this.id);
  }

  protected override sendEvent(flags: EmitFlags, name: string, args: readonly unknown[]): void {
    if (RESERVED_EVENTS.has(name)) throw new TypeError(`"${name}" is reserved: it can't be sent.`);
    const last = args.at(-1);
    const acknowledge = typeof last === "function" ? (last as AckCallback) : undefined;
    const data = [name, ...(acknowledge === undefined ? args : args.slice(0, -1))];
    const errorFirst = flags.errorFirst === true || flags.timeoutMs !== undefined;
    if (this.#state === "gone") {
      if (acknowledge !== undefined && errorFirst) {
        queueMicrotask(() => acknowledge(new AckError("disconnected", "The client is not connected.")));
      }
      return;
    }
    const id =
      acknowledge === undefined ? undefined : this.acks.add(acknowledge, errorFirst, flags.timeoutMs);
    if (flags.volatile === true && !this.#link.isWritable) return;
    this.catchOutgoing(name, args);
    const packet: SocketPacket = { type: "event", namespace: this.#owner.name, id, data };
    try {
      if (this.#state === "joining") this.#earlyWork.send(packet);
      else this.#link.send(packet, flags.compress);
    } catch (error) {
      if (id !== undefined) this.acks.cancel(id);
      throw error;
    }
  }

  get #earlyWork(): EarlyWork {
    return (this.#early ??= new EarlyWork(this.id));
  }

  /** Reports it if the adapter fails, at once or later, so that the caller may ignore it. */
  #watch(change: () => Promise<void>): Promise<void> {
    let done: Promise<void>;
    try {
      done = change();
    } catch (error) {
      done = Promise.reject(error as Error);
    }
    done.catch((error: unknown) => this.#owner.onError(error, "adapter", this.id));
    return done;
  }
}
