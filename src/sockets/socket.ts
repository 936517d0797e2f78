import type { KeptRequest } from "../engine/index.ts";
import type { DefaultEvents, EventMap } from "../shared/events.ts";
import type { Acknowledgement } from "./acknowledgement.ts";
import type { Member } from "./adapter.ts";
import type { NoEvents } from "./broadcast-events.ts";
import type { Connection } from "./connection.ts";
import type { Feed } from "./delivery/feed.ts";
import type { Joining } from "./delivery/resume.ts";
import type { SeatHolder } from "./delivery/seats.ts";
import type { DisconnectDetails, DisconnectReason } from "./disconnect-reason.ts";
import { type Handshake, handshakeOf } from "./handshake.ts";
import { AUTH_EVENT, Reauthentication, type Reauthenticating } from "./reauthentication.ts";
import { MemberSocket } from "./member-socket.ts";
import type { SocketState } from "./sending-socket.ts";
import type { LinkedSocket, SocketLink } from "./socket-link.ts";
import type { NamespaceOf } from "./socket-namespace.ts";
import type { SocketOwner } from "./socket-owner.ts";

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

const TAKEN_OVER: DisconnectDetails = { clean: false, description: "the client has come back elsewhere" };
const EXPIRED: DisconnectDetails = { clean: false, description: "it was not renewed in time" };
const SERVER_LEFT: DisconnectDetails = { clean: true, description: "disconnected by the server" };
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
  extends MemberSocket<
    ListenEvents,
    EmitEvents,
    SocketData,
    OwnerOf<ListenEvents, EmitEvents, ServerSideEvents, SocketData>
  >
  implements LinkedSocket, Member, SeatHolder
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
    if (canRenew) this.#reauthentication = new Reauthentication(this.#reauthenticating(true));
    if (feed === undefined || resumed === undefined) return;
    this.comeBackTo(feed.seat.rooms);
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

  /**
   * Says for how long what is known of the client holds, in milliseconds; said again, it holds from then on. A client of ours whose `auth` is `renewable` is asked
   * anew 10 seconds before: see {@link reauthenticate}. When the time is over the connection ends (`authentication expired`), with the client's other namespaces: it comes
   * back, and shows who it is. Throws a `RangeError` for what is not more than 0, a `TypeError` in middleware that `skipMiddlewares` leaves out then: nobody would look at
   * what it shows.
   *
   * @example
   * io.use((socket, next) => {
   *   const { exp } = verify(socket.handshake.auth.token);
   *   socket.authenticatedFor(exp * 1000 - Date.now());
   *   next();
   * });
   */
  authenticatedFor(durationMs: number): this {
    if (this.#state === "joining" && this.socketOwner.skipMiddlewares) {
      throw new TypeError(
        'Middleware that says authenticatedFor() must run for clients that come back, too: leave "skipMiddlewares" out.',
      );
    }
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
    const early = this.takeEarlyWork();
    this.#state = "joined";
    const rooms = early?.rooms ?? new Set([this.id]);
    const { adapter, delivery, name } = this.socketOwner;
    const feed = this.socketFeed;
    const answer = (link: Pick<SocketLink, "send">, more?: object): void =>
      link.send({ type: "connect", namespace: name, id: undefined, data: { sid: this.id, ...more } });
    if (feed === undefined || delivery === undefined) answer(this.socketLink);
    else delivery.start(feed, this, this.#resumed, rooms, (more) => answer(feed, more));
    // What was sent may have been more than may wait for this client: then it is gone already.
    if (this.connected) void this.watchAdapter(() => adapter.join(this, [...rooms]));
    for (const [room, history] of early?.histories ?? []) {
      if (this.connected) void this.enter([room], history);
    }
    for (const packet of early?.packets ?? []) if (this.connected) this.sendPacket(packet);
    if (this.connected) this.socketOwner.onStart(this);
    else this.socketOwner.onEnd(this, false);
  }

  /** @internal */
  override takeTurn(event: unknown[], acknowledgement: Acknowledgement | undefined): void {
    // Ours, and not the application's: neither its middleware nor its listeners see it.
    if (event[0] === AUTH_EVENT && this.#reauthentication?.canRenew === true) {
      void this.reauthenticate();
      acknowledgement?.release();
    } else super.takeTurn(event, acknowledgement);
  }

  /** @internal */
  onPong(): void {
    const feed = this.socketFeed;
    feed?.seat.onPong(feed.sent);
  }

  /** @internal */
  supersede(): void {
    this.socketFeed?.stop();
    this.end("session taken over", TAKEN_OVER);
    this.socketLink.endSession();
  }

  /** @internal */
  end(reason: DisconnectReason, details: DisconnectDetails): void {
    // A listener for "disconnecting" may say disconnect() once more.
    if (this.#state === "leaving" || this.#state === "gone") return;
    this.#reauthentication?.stop();
    if (this.#state === "joining") {
      this.#state = "gone";
      this.takeEarlyWork();
      this.acksIfAny?.abandon();
      this.#vacate(reason);
      this.socketOwner.onEnd(this, false);
      return;
    }
    this.#state = "leaving";
    this.endTurns(!isForGood(reason) && reason !== "server shutting down");
    this.dispatch("disconnecting", [reason, details]);
    this.#state = "gone";
    void this.watchAdapter(() => this.socketOwner.adapter.leaveAll(this));
    this.#vacate(reason);
    this.acksIfAny?.abandon();
    this.socketOwner.onEnd(this, true);
    this.dispatch("disconnect", [reason, details]);
  }

  protected override get socketState(): SocketState {
    return this.#state;
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

  /** The client may come back, unless one of the two has said goodbye. */
  #vacate(reason: DisconnectReason): void {
    const feed = this.socketFeed;
    const { delivery } = this.socketOwner;
    if (feed === undefined || delivery === undefined) return;
    delivery.end(feed, this, isForGood(reason));
  }
}

/** Whether one of the two has said goodbye. */
function isForGood(reason: DisconnectReason): boolean {
  return reason === "client namespace disconnect" || reason === "server namespace disconnect";
}
