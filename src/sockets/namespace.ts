import type { Clock } from "../shared/clock.ts";
import type { AckedArguments, AckResult, DefaultEvents, EventMap, EventNames } from "../shared/events.ts";
import { type Random, randomId } from "../shared/random.ts";
import type { Adapter, AdapterFactory } from "./adapter.ts";
import { EVERYONE } from "./broadcast-channel.ts";
import type { BroadcastArguments, NoEvents } from "./broadcast-events.ts";
import { BroadcastOperator } from "./broadcast-operator.ts";
import { Delivery } from "./delivery/delivery.ts";
import { NOTHING_TO_RESUME, type Resumption } from "./delivery/seats.ts";
import type { DeliverySettings } from "./delivery/options.ts";
import { OrderedLink } from "./delivery/ordered-link.ts";
import type { LogPosition } from "./delivery/room-history.ts";
import type { Joining } from "./delivery/resume.ts";
import type { HandlerErrorContext } from "./handler-error.ts";
import { runChain } from "./middleware.ts";
import type { SocketHost } from "./multiplexer.ts";
import { NamespaceChannel } from "./namespace-channel.ts";
import { NamespaceRules } from "./namespace-rules.ts";
import { OtherNodes } from "./other-nodes.ts";
import { NEUTRAL_REFUSAL, type Refusal, refusalOf } from "./refusal.ts";
import type { Room } from "./room.ts";
import { RuledBroadcasting } from "./ruled-broadcasting.ts";
import { Socket, type SocketNamespace } from "./socket.ts";
import type { LinkedSocket, SocketLink } from "./socket-link.ts";
import type { NamespaceReservedEvents } from "./socket-namespace.ts";
import type { SocketOwner } from "./socket-owner.ts";

/** The events of a namespace: its own, and those that other nodes send with `serverSideEmit`. */
export type NamespaceEvents<
  ListenEvents extends EventMap,
  EmitEvents extends EventMap,
  ServerSideEvents extends EventMap,
  SocketData,
> = ServerSideEvents &
  NamespaceReservedEvents<Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>>;

/** What a namespace needs of its server. */
export interface NamespaceContext {
  readonly adapter: AdapterFactory;
  readonly delivery: DeliverySettings | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly maxRoomsPerSocket: number;
  /** A listener, a middleware or the adapter failed. */
  onHandlerError(error: unknown, context: HandlerErrorContext): void;
  /** What listeners of the namespace are told; the server's are those of the main one, too. */
  onEvent(name: string, args: readonly unknown[]): void;
  /** The last socket has left, or the only one that wanted to join has not. */
  onEmpty(): void;
}

/**
 * A channel of its own on the shared connections: its sockets, its rooms, its events.
 *
 * @example
 * const admin = io.of("/admin");
 * admin.use((socket, next) => next(isAdmin(socket.handshake.auth.token) ? undefined : new Error("Not authorized")));
 * admin.on("connection", (socket) => socket.emit("hello"));
 */
export class Namespace<
  ListenEvents extends EventMap = DefaultEvents,
  EmitEvents extends EventMap = ListenEvents,
  ServerSideEvents extends EventMap = NoEvents,
  // `any`: what users keep on a socket is theirs.
  // oxlint-disable-next-line typescript/no-explicit-any
  SocketData = any,
>
  extends RuledBroadcasting<
    NamespaceEvents<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
    ListenEvents,
    EmitEvents,
    Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
    SocketData
  >
  implements SocketHost, SocketNamespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>
{
  readonly name: string;
  /** The sockets on this node, by id. */
  readonly sockets: Map<string, Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>> = new Map();
  /** Who keeps the rooms. */
  readonly adapter: Adapter;
  /** @internal */
  readonly channel: NamespaceChannel;
  /** @internal If events are kept, so that clients can come back to them. */
  readonly delivery: Delivery | undefined;
  protected readonly everyone: BroadcastOperator<EmitEvents, SocketData>;
  readonly #context: NamespaceContext;
  readonly #owner: SocketOwner<
    SocketNamespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
    Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>
  >;
  readonly #otherNodes: OtherNodes;
  #joining = 0;

  /** @internal Made by a server. */
  constructor(
    name: string,
    context: NamespaceContext,
    rules: NamespaceRules<
      ListenEvents,
      Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>
    > = new NamespaceRules(),
  ) {
    super(rules);
    this.name = name;
    this.#context = context;
    this.adapter = context.adapter(name, {
      receiveFromNode: (args, answer) => this.#otherNodes.receive(args, answer),
      onError: (error) => this.#report(error, "adapter", undefined),
    });
    this.delivery = this.#makeDelivery();
    this.channel = new NamespaceChannel({
      name,
      adapter: this.adapter,
      delivery: this.delivery,
      backpressure: rules.backpressure,
      clock: context.clock,
      onAdapterError: (error) => this.#report(error, "adapter", undefined),
      onCallbackError: (error) => this.#report(error, "acknowledgement", undefined),
    });
    this.#otherNodes = new OtherNodes({
      adapter: this.adapter,
      tell: (event, args) => this.tell(event, args),
      onError: (error, event) => this.#report(error, event, undefined),
    });
    this.everyone = new BroadcastOperator(this.channel, EVERYONE);
    this.#owner = this.#ownSockets();
  }

  /**
   * Resolves with where the log of the namespace is when all that was emitted until now is in it: whoever gets a picture of what is now, and this with it, can later ask
   * for all that came behind it: `socket.join(room, { since })`. Rejects with a `TypeError` without the option `delivery`.
   *
   * @example
   * app.get("/board", async (request, response) => response.json({ at: await io.position(), board }));
   */
  async position(): Promise<LogPosition> {
    if (this.delivery === undefined) throw new TypeError('There is no log without the option "delivery".');
    return this.delivery.position();
  }

  /**
   * Sends an event to the other nodes: to the listeners of this namespace there, not here. A function as the last argument is called with an
   * error, or null, and the answers of the nodes, within 5 seconds. Throws a `TypeError` for an event of the server's own.
   *
   * @example
   * io.serverSideEmit("settings changed");
   */
  serverSideEmit<Name extends EventNames<ServerSideEvents>>(
    name: Name,
    ...args: BroadcastArguments<ServerSideEvents, Name>
  ): boolean {
    this.#otherNodes.emit(name, args);
    return true;
  }

  /** Asks the other nodes, and waits for their answers. Rejects if one has not answered within 5 seconds. */
  serverSideEmitWithAck<Name extends EventNames<ServerSideEvents>>(
    name: Name,
    ...args: AckedArguments<ServerSideEvents, Name>
  ): Promise<AckResult<ServerSideEvents, Name>[]> {
    return new Promise((resolve, reject) => {
      this.#otherNodes.ask(name, args, (error, responses) => {
        if (error === null) resolve(responses as AckResult<ServerSideEvents, Name>[]);
        else reject(error);
      });
    });
  }

  /** @internal */
  get isEmpty(): boolean {
    return this.sockets.size === 0 && this.#joining === 0;
  }

  /** @internal */
  tellIfEmpty(): void {
    if (this.isEmpty) this.#context.onEmpty();
  }

  /** @internal */
  createSocket(
    link: SocketLink,
    joining: Joining,
    made: (socket: Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>) => void,
  ): void {
    this.#joining += 1;
    const { wire, claim } = joining;
    const { delivery } = this;
    const id = randomId(this.#context.random);
    if (delivery === undefined) {
      made(new Socket(id, joining, link, this.#owner));
      return;
    }
    const ordered = new OrderedLink(link, delivery);
    if (wire === "none") made(new Socket(id, joining, ordered, this.#owner));
    else {
      const take = (resumption: Resumption): void => {
        const { seat, offset } = resumption;
        const feed =
          seat === undefined
            ? delivery.newFeed(id, wire, link, resumption)
            : delivery.feedOf(seat, wire, link);
        made(new Socket(seat?.socketId ?? id, joining, ordered, this.#owner, feed, offset));
      };
      if (claim === undefined) take(NOTHING_TO_RESUME);
      else delivery.take(claim, take);
    }
  }

  /** @internal */
  admit(linked: LinkedSocket, decide: (refusal: Refusal | undefined) => void): void {
    const socket = linked as Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>;
    const isKnown = socket.recovered && this.#context.delivery?.skipMiddlewares === true;
    if (isKnown || this.rules.middleware.length === 0) {
      this.#checkRooms(socket, decide);
      return;
    }
    this.#decide(socket, (refusal) => {
      decide(refusal);
      if (refusal !== undefined) {
        socket.end("server namespace disconnect", { clean: true, description: "refused" });
      }
    });
  }

  /** Has middleware decide about a socket, unless that is gone: calls back once, at once or later. */
  #decide(
    socket: Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
    decided: (refusal: Refusal | undefined) => void,
  ): void {
    runChain(this.rules.middleware, (step, next) => (socket.isThere ? step(socket, next) : next()), {
      onPassed: () => this.#checkRooms(socket, decided),
      onRefused: (error) => decided(refusalOf(error)),
      onFailed: (error, isOver) => {
        this.#report(error, "middleware", socket.id);
        if (!isOver) decided(NEUTRAL_REFUSAL);
      },
    });
  }

  /** @internal Tells the listeners. */
  tell(name: string, args: readonly unknown[]): void {
    this.dispatch(name, args);
    this.#context.onEvent(name, args);
  }

  protected override listenerFailed(error: unknown, name: string): void {
    this.#report(error, name, undefined);
  }

  /** @internal Lets go of its rooms, and of its log. */
  async close(): Promise<void> {
    await Promise.all([this.adapter.close(), this.delivery?.close()]);
  }

  /** Who comes back, or has shown anew who it is, may not be allowed any more what it was allowed then. */
  #checkRooms(
    socket: Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
    decide: (refusal: undefined) => void,
  ): void {
    // Of one that is new, each room was asked about when it was joined.
    if (!socket.connected && !socket.recovered) return decide(undefined);
    const leave = (refused: readonly Room[]): void => {
      // Its client may have left meanwhile.
      if (socket.isThere) for (const room of refused) void socket.leave(room);
      decide(undefined);
    };
    const refused = this.#refusedRooms(socket, [...socket.rooms], new Set([socket.id]));
    if (refused instanceof Promise) void refused.then(leave);
    else leave(refused);
  }

  #refusedRooms(
    socket: Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
    rooms: readonly Room[],
    already: ReadonlySet<Room>,
  ): readonly Room[] | Promise<readonly Room[]> {
    return this.rules.joins.refused(socket, rooms, already, (error) =>
      this.#report(error, "joinRule", socket.id),
    );
  }

  #makeDelivery(): Delivery | undefined {
    const { delivery, clock, random } = this.#context;
    if (delivery === undefined) return undefined;
    const { adapter, name } = this;
    const onError = (error: unknown): void => this.#report(error, "log", undefined);
    const { seatLifetimeMs, maxVacantSeats, maxVacantSeatBytes } = delivery;
    const { pauseAboveBytes, maxWaitingBytes, maxUnacknowledged, maxHistory } = delivery;
    const limits = { seatLifetimeMs, maxVacantSeats, maxVacantSeatBytes };
    const log = delivery.log(name, { clock, random, wallTimeMs: Date.now, ...limits, onError });
    return new Delivery({
      ...{ name, adapter, log, clock, random },
      ...{ seatLifetimeMs, pauseAboveBytes, maxWaitingBytes, maxUnacknowledged, maxHistory, onError },
    });
  }

  #ownSockets(): SocketOwner<
    SocketNamespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
    Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>
  > {
    const { clock, delivery, maxRoomsPerSocket } = this.#context;
    return {
      namespace: this,
      name: this.name,
      adapter: this.adapter,
      channel: this.channel,
      delivery: this.delivery,
      backpressure: this.rules.backpressure,
      clock,
      maxRoomsPerSocket,
      skipMiddlewares: delivery?.skipMiddlewares === true,
      readmit: (socket, decided) => this.#decide(socket, decided),
      schemasOf: (event) => this.rules.schemasOf(event),
      refusedRooms: (...asked) => this.#refusedRooms(...asked),
      onStart: (socket) => {
        this.#joining -= 1;
        this.sockets.set(socket.id, socket);
        const args = [socket];
        this.tell("connect", args);
        this.tell("connection", args);
      },
      onEnd: (socket, started) => {
        if (started) this.sockets.delete(socket.id);
        else this.#joining -= 1;
        this.tellIfEmpty();
      },
      onError: (error, event, socketId) => this.#report(error, event, socketId),
    };
  }

  #report(error: unknown, event: string, socketId: string | undefined): void {
    this.#context.onHandlerError(error, { event, namespace: this.name, socketId });
  }
}
