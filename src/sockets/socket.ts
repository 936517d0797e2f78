import type { KeptRequest } from "../engine/index.ts";
import { PacketError, type SocketPacket } from "../packets/index.ts";
import { EventError } from "../shared/event-error.ts";
import type { DefaultEvents, EventMap } from "../shared/events.ts";
import { Acknowledgement } from "./acknowledgement.ts";
import { DONE, type Member, type Room } from "./adapter.ts";
import type { NoEvents } from "./broadcast-events.ts";
import type { Connection } from "./connection.ts";
import { NumberedAcknowledgement } from "./delivery/numbered-acknowledgement.ts";
import type { Feed } from "./delivery/feed.ts";
import type { Joining } from "./delivery/resume.ts";
import type { SeatHolder } from "./delivery/seats.ts";
import type { DisconnectDetails, DisconnectReason } from "./disconnect-reason.ts";
import { EarlyWork } from "./early-work.ts";
import { type EventGoal, passEvent, type SocketMiddleware } from "./event-gate.ts";
import { type Handshake, handshakeOf } from "./handshake.ts";
import { joinRefused } from "./join-rules.ts";
import type { SocketLimiter } from "./rate-limits/socket-limiter.ts";
import { AUTH_EVENT, Reauthentication, type Reauthenticating } from "./reauthentication.ts";
import { checkCount, checkedRooms } from "./room-list.ts";
import { SendingSocket, type SocketState } from "./sending-socket.ts";
import type { LinkedSocket, SocketLink } from "./socket-link.ts";
import type { NamespaceOf } from "./socket-namespace.ts";
import type { SocketOwner } from "./socket-owner.ts";
import type { ArgumentSchemas } from "./validation.ts";

/** A namespace as a socket of it shows it. */
export type SocketNamespace<
  ListenEvents extends EventMap,
  EmitEvents extends EventMap,
  ServerSideEvents extends EventMap,
  SocketData,
> = NamespaceOf<
  Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
  EmitEvents,
  ServerSideEvents,
  SocketData
>;

/** How a socket joins rooms. */
export interface JoinOptions {
  /** How many of the events that were sent to the room last it is sent first; 1 or more. Default: none. */
  readonly history?: number;
}

const TAKEN_OVER: DisconnectDetails = { clean: false, description: "the client has come back elsewhere" };
const EXPIRED: DisconnectDetails = { clean: false, description: "it was not renewed in time" };
const SERVER_LEFT: DisconnectDetails = { clean: true, description: "disconnected by the server" };
/** Stands for the acknowledgement of an event that wants none, where somebody asks which one it was. */
const NOBODY = { fail(): void {}, hold(): void {} };
const HANDLER_FAILED = new EventError("handler_failed", "The handler of this event failed.");

type OwnerOf<
  ListenEvents extends EventMap,
  EmitEvents extends EventMap,
  ServerSideEvents extends EventMap,
  SocketData,
> = SocketOwner<
  SocketNamespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
  Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>
>;

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
  extends SendingSocket<
    ListenEvents,
    EmitEvents,
    SocketData,
    OwnerOf<ListenEvents, EmitEvents, ServerSideEvents, SocketData>
  >
  implements LinkedSocket, Member, EventGoal, SeatHolder
{
  /**
   * Whether the client has come back and nothing was missed: the id, the rooms and {@link data} are those it had, and it is sent what came meanwhile. Only where
   * delivery is on (`delivery`, `connectionStateRecovery`). Known in middleware already.
   */
  readonly recovered: boolean;
  /** Behind which offset it goes on, if it has come back. */
  readonly #resumed: number | undefined;
  #state: SocketState = "joining";
  /** What the client gave, until somebody wants to see the handshake. */
  #auth: Record<string, unknown> | undefined;
  /** There if the client can be asked again who it is, or is known for a time only. */
  #reauthentication: Reauthentication | undefined;
  #handshake: Handshake | undefined;
  #data: SocketData | undefined;
  #early: EarlyWork | undefined;
  #middleware: readonly SocketMiddleware[] | undefined;

  /** @internal Made by a namespace. */
  constructor(
    id: string,
    { auth, canRenew }: Pick<Joining, "auth" | "canRenew">,
    link: SocketLink,
    owner: OwnerOf<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
    feed?: Feed,
    resumed?: number,
  ) {
    super(id, link, owner, feed);
    this.#auth = auth;
    this.#resumed = resumed;
    this.recovered = resumed !== undefined;
    if (canRenew) {
      this.#reauthentication = new Reauthentication(this.#reauthenticating(true));
      (this as Socket).on(AUTH_EVENT, () => void this.reauthenticate());
    }
    if (feed === undefined || resumed === undefined) return;
    this.#early = new EarlyWork(id, feed.seat.rooms);
    owner.delivery?.hold(feed.seat, this);
  }

  /** How the socket came to be. */
  get handshake(): Handshake {
    return (this.#handshake ??= handshakeOf(this.socketLink.request, this.#auth ?? {}));
  }

  /** Yours, for whatever belongs to this client. */
  get data(): SocketData {
    const seat = this.socketFeed?.seat;
    if (seat === undefined) return (this.#data ??= {} as SocketData);
    // Who asks for it may be about to change it.
    this.socketOwner.delivery?.touch(seat, this);
    return (seat.value ??= {}) as SocketData;
  }

  set data(data: SocketData) {
    const seat = this.socketFeed?.seat;
    if (seat === undefined) this.#data = data;
    else {
      seat.value = data;
      this.socketOwner.delivery?.touch(seat, this);
    }
  }

  /** The namespace that it is in. */
  get nsp(): SocketNamespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData> {
    return this.socketOwner.namespace;
  }

  /** The session that carries it. */
  get conn(): Connection {
    return this.socketLink.connection;
  }

  /** What is kept of the request that began the session; `raw` is the request itself, with the option `keepRequest`. */
  get request(): KeptRequest {
    return this.socketLink.request;
  }

  /** The opposite of {@link connected}. */
  get disconnected(): boolean {
    return !this.connected;
  }

  /** The rooms that the socket is in; its own id is one of them. A copy: changing it changes nothing. */
  get rooms(): Set<Room> {
    return new Set(this.#early?.rooms ?? this.socketOwner.adapter.roomsOf(this));
  }

  /**
   * Adds a middleware for the events that come: it gets each with its name in front, and, if the client waits for an acknowledgement, what gives
   * it at the end; it may change the list. An error given to
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

  /**
   * Joins rooms. On this node it takes effect before the call returns; the promise is for the others, and may be ignored, as what fails is
   * reported as well (`handler_error`). Throws a `RangeError` if it would be in more than `maxRoomsPerSocket` (which `socketsJoin`
   * does not look at), a `TypeError` for a name that is no string.
   *
   * Rejects with an `EventError` (`join_refused`, `data.rooms`) if a rule of the namespace (`joinRule`) says no to a room, and then joins none of them; a listener
   * that lets it through answers with it. Where a rule takes its time, the socket joins when it has said yes, also if it was told to leave meanwhile.
   *
   * Where delivery is on, `history` asks for up to so many of the events that were last sent to each room: they come before what is sent there from now on,
   * and nothing comes twice. A room that it is in already has none. Where the log takes its time to read, the socket joins then; the promise resolves.
   * Throws a `TypeError` without delivery, a `RangeError` for more than `maxHistory`.
   *
   * @example
   * socket.join(["room-1", "room-2"]);
   * socket.join("news", { history: 50 });
   */
  join(rooms: Room | readonly Room[], { history }: JoinOptions = {}): Promise<void> {
    if (this.#state === "gone") return Promise.resolve();
    const list = checkedRooms(rooms);
    if (history !== undefined) this.#checkHistory(history);
    const now = this.#checkedCount(list);
    const refused = this.socketOwner.refusedRooms(this, list, now);
    if (!(refused instanceof Promise) && refused.length === 0) return this.#enter(list, history);
    const work = this.#enterUnless(refused, list, history);
    // Who is refused is not in the room: whoever does not ask for more need not hear of it.
    work.catch(() => {});
    return work;
  }

  /**
   * Says for how long what is known of the client holds, in milliseconds; said again, it holds from then on. A client of ours whose `auth` is `renewable` is asked
   * anew 10 seconds before: see {@link reauthenticate}. When the time is over the connection ends (`authentication expired`), with the client's other namespaces: it comes
   * back, and shows who it is. Throws a `RangeError` for what is not more than 0.
   *
   * @example
   * io.use((socket, next) => {
   *   const { exp } = verify(socket.handshake.auth.token);
   *   socket.authenticatedFor(exp * 1000 - Date.now());
   *   next();
   * });
   */
  authenticatedFor(durationMs: number): this {
    this.#reauthentication ??= new Reauthentication(this.#reauthenticating(false));
    if (this.isThere) this.#reauthentication.holdFor(durationMs);
    return this;
  }

  /**
   * Asks the client anew who it is: `handshake.auth` is what it gives then, and the middleware of the namespace decides. If it refuses, the client has to leave.
   * Resolves with whether it may stay; with false, and nothing else, also if the client can't be asked (its `auth` is not `renewable`) or does not answer in 10 seconds. Never rejects.
   *
   * @example
   * if (!(await socket.reauthenticate())) socket.disconnect();
   */
  reauthenticate(): Promise<boolean> {
    return this.#reauthentication?.run() ?? Promise.resolve(false);
  }

  /** Leaves a room, in the way of {@link join}. */
  leave(room: Room): Promise<void> {
    if (this.#state === "joining") {
      this.#early?.rooms.delete(room);
      return Promise.resolve();
    }
    return this.#watch(() => this.socketOwner.adapter.leave(this, room));
  }

  /** Makes the client leave the namespace; `close` ends its connection, with all its other namespaces. */
  disconnect(close = false): this {
    if (this.#state === "leaving" || this.#state === "gone") return this;
    this.socketLink.leave(this, close);
    this.end("server namespace disconnect", SERVER_LEFT);
    return this;
  }

  /** @internal Whether it is about to join, or has joined. */
  get isThere(): boolean {
    return this.#state === "joining" || this.#state === "joined";
  }

  /** @internal */
  start(): void {
    const early = this.#early;
    this.#early = undefined;
    this.#state = "joined";
    const rooms = early?.rooms ?? new Set([this.id]);
    const { adapter, delivery, name } = this.socketOwner;
    const feed = this.socketFeed;
    const answer = (link: Pick<SocketLink, "send">, more?: object): void =>
      link.send({ type: "connect", namespace: name, id: undefined, data: { sid: this.id, ...more } });
    if (feed === undefined || delivery === undefined) answer(this.socketLink);
    else delivery.start(feed, this, this.#resumed, rooms, (more) => answer(feed, more));
    // What was sent may have been more than may wait for this client: then it is gone already.
    if (this.connected) void this.#watch(() => adapter.join(this, [...rooms]));
    for (const [room, history] of early?.histories ?? []) {
      if (this.connected) void this.#enter([room], history);
    }
    for (const packet of early?.packets ?? []) if (this.connected) this.sendPacket(packet);
    if (this.connected) this.socketOwner.onStart(this);
    else this.socketOwner.onEnd(this, false);
  }

  /** @internal */
  onPong(): void {
    const feed = this.socketFeed;
    feed?.seat.onPong(feed.sent);
  }

  /** @internal */
  onJoined(rooms: readonly Room[]): void {
    const feed = this.socketFeed;
    if (feed !== undefined) this.socketOwner.delivery?.enter(feed.seat, rooms);
  }

  /** @internal */
  onLeft(room: Room): void {
    const feed = this.socketFeed;
    // One that is gone is in no room; where its client comes back to stays.
    if (feed !== undefined && this.#state !== "gone") this.socketOwner.delivery?.leave(feed.seat, room);
  }

  /** @internal */
  sendDone(sequence: number): void {
    const packet = { type: "ack", namespace: this.socketOwner.name, id: undefined, data: undefined } as const;
    if (this.connected) this.socketLink.send({ ...packet, position: sequence });
  }

  /** @internal */
  supersede(): void {
    this.socketFeed?.stop();
    this.end("session taken over", TAKEN_OVER);
    this.socketLink.endSession();
  }

  /** @internal */
  receiveEvent(
    event: unknown[],
    ackId: number | undefined,
    sequence: number | undefined,
    limiter: SocketLimiter | undefined,
  ): void {
    if (sequence !== undefined) this.#receiveNumbered(event, ackId, sequence, limiter);
    else this.#count(event, ackId === undefined ? undefined : new Acknowledgement(this, ackId), limiter);
  }

  /** @internal */
  schemasOf(name: string): ArgumentSchemas | undefined {
    return this.socketOwner.schemasOf(name);
  }

  /** @internal */
  hear(name: string, args: unknown[], acknowledgement: Acknowledgement | undefined): void {
    if (this.#state === "joined") {
      this.catchIncoming(name, args);
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

  /** @internal */
  end(reason: DisconnectReason, details: DisconnectDetails): void {
    // A listener for "disconnecting" may say disconnect() once more.
    if (this.#state === "leaving" || this.#state === "gone") return;
    this.#reauthentication?.stop();
    if (this.#state === "joining") {
      this.#state = "gone";
      this.#early = undefined;
      this.acksIfAny?.abandon();
      this.#vacate(reason);
      this.socketOwner.onEnd(this, false);
      return;
    }
    this.#state = "leaving";
    this.dispatch("disconnecting", [reason, details]);
    this.#state = "gone";
    void this.#watch(() => this.socketOwner.adapter.leaveAll(this));
    this.#vacate(reason);
    this.acksIfAny?.abandon();
    this.socketOwner.onEnd(this, true);
    this.dispatch("disconnect", [reason, details]);
  }

  protected override get socketState(): SocketState {
    return this.#state;
  }

  protected override sendEarly(packet: SocketPacket): void {
    this.#earlyWork.send(packet);
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

  #checkHistory(history: number): void {
    const { delivery } = this.socketOwner;
    if (delivery === undefined) throw new TypeError('"history" needs the option "delivery" of the server.');
    delivery.checkHistory(history);
  }

  async #enterUnless(
    pending: readonly Room[] | Promise<readonly Room[]>,
    rooms: readonly Room[],
    history: number | undefined,
  ): Promise<void> {
    const refused = await pending;
    if (refused.length > 0) throw joinRefused(refused);
    if (this.#state === "gone") return;
    this.#checkedCount(rooms);
    await this.#enter(rooms, history);
  }

  /** The rooms that it is in. Throws a `RangeError` if they would be too many with others. */
  #checkedCount(others: readonly Room[]): ReadonlySet<Room> {
    const now = this.#early?.rooms ?? this.socketOwner.adapter.roomsOf(this);
    const soon = this.#early?.histories;
    const list = soon === undefined ? others : [...soon.keys(), ...others];
    checkCount(now, list, this.socketOwner.maxRoomsPerSocket);
    return now;
  }

  /** Joins rooms that it may join. */
  #enter(list: readonly Room[], history: number | undefined): Promise<void> {
    const { adapter } = this.socketOwner;
    const now = this.#early?.rooms ?? adapter.roomsOf(this);
    if (this.#state === "joining") {
      if (history === undefined) this.#earlyWork.join(list);
      else for (const room of list) if (!now.has(room)) this.#earlyWork.histories.set(room, history);
      return Promise.resolve();
    }
    if (history === undefined) return this.#watch(() => adapter.join(this, list));
    return this.#watch(async () => {
      await Promise.all(list.filter((room) => !now.has(room)).map((room) => this.#joinBehind(room, history)));
    });
  }

  /** Joins a room behind what was sent there last. */
  #joinBehind(room: Room, history: number): Promise<void> {
    const { adapter, delivery } = this.socketOwner;
    return new Promise((resolve, reject) => {
      delivery!.replay(room, history, this, this.socketFeed, this.socketLink, () => {
        // It may have left meanwhile.
        if (this.#state === "joined") adapter.join(this, [room]).then(resolve, reject);
        else resolve();
      });
    });
  }

  #reauthenticating(canRenew: boolean): Reauthenticating {
    return {
      canRenew,
      clock: this.clock,
      askAuth: (timeoutMs) => (this as Socket).timeout(timeoutMs).emitWithAck(AUTH_EVENT),
      readmit: (auth) => {
        if (this.#state !== "joined") return Promise.resolve(false);
        this.#auth = auth;
        this.#handshake = undefined;
        return new Promise((resolve) => {
          this.socketOwner.readmit(this, (refusal) => {
            if (refusal !== undefined) this.disconnect();
            resolve(this.connected);
          });
        });
      },
      expire: () => {
        this.end("authentication expired", EXPIRED);
        this.socketLink.endSession();
      },
    };
  }

  /** First of all: an event that is one too many must cost little, and a flood of them must not become one of errors. */
  #count(
    event: unknown[],
    acknowledgement: Acknowledgement | undefined,
    limiter: SocketLimiter | undefined,
  ): void {
    if (limiter === undefined) return this.#pass(event, acknowledgement);
    const name = String(event[0]);
    const retryAfterMs = limiter.take(name);
    if (retryAfterMs === 0) return this.#pass(event, acknowledgement);
    if (acknowledgement?.isWanted === true && this.wantsErrors) {
      acknowledgement.fail(limiter.answerTo(name, retryAfterMs));
    }
    acknowledgement?.release();
    const report = limiter.reportOf(name, retryAfterMs);
    if (report !== undefined) this.dispatch("error", [report]);
  }

  #pass(event: unknown[], acknowledgement: Acknowledgement | undefined): void {
    const name = String(event[0]);
    const schemas = this.socketOwner.schemasOf(name);
    if (this.#middleware === undefined && schemas === undefined) {
      event.shift();
      if (acknowledgement?.isWanted === true) event.push(acknowledgement.give);
      this.hear(name, event, acknowledgement);
    } else passEvent(event, acknowledgement, this.#middleware ?? [], this);
  }

  /** Takes an event of the client's outbox: once. */
  #receiveNumbered(
    event: unknown[],
    ackId: number | undefined,
    sequence: number,
    limiter: SocketLimiter | undefined,
  ): void {
    // Of one that was taken over, or is leaving: the client will send it again, or never.
    if (this.#state !== "joined") return;
    const { delivery } = this.socketOwner;
    const seat = this.socketFeed?.seat;
    if (seat === undefined || delivery === undefined) {
      throw new PacketError("Only the events of a client with a seat have numbers.");
    }
    const numbered = delivery.receive(seat, sequence, this.wantsErrors);
    // What is sent again and was done already is not counted; what is refused is done.
    if (numbered !== undefined) this.#count(event, new NumberedAcknowledgement(numbered, ackId), limiter);
  }

  /** The client may come back, unless one of the two has said goodbye. */
  #vacate(reason: DisconnectReason): void {
    const feed = this.socketFeed;
    const { delivery } = this.socketOwner;
    if (feed === undefined || delivery === undefined) return;
    const isForGood = reason === "client namespace disconnect" || reason === "server namespace disconnect";
    delivery.end(feed, this, isForGood);
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
    if (done !== DONE) done.catch((error: unknown) => this.socketOwner.onError(error, "adapter", this.id));
    return done;
  }
}
