import type { SocketPacket } from "../packets/index.ts";
import { EventError } from "../shared/event-error.ts";
import type { EventMap } from "../shared/events.ts";
import { type Adapter, DONE, type Member, type Room } from "./adapter.ts";
import type { LogPosition, WantedHistory } from "./delivery/room-history.ts";
import { EarlyWork } from "./early-work.ts";
import type { Handshake } from "./handshake.ts";
import { joinRefused } from "./join-rules.ts";
import { type ReceivingOwner, ReceivingSocket } from "./receiving-socket.ts";
import { checkCount, checkedRooms } from "./room-list.ts";

/** How a socket joins rooms. */
export interface JoinOptions {
  /** How many of the events that were sent to the room last it is sent first; 1 or more. Default: none. */
  readonly history?: number;
  /** It is sent all that was sent to the room behind this position of `io.position()`, if that is all still known, and no more than `maxHistory`. Default: nothing. */
  readonly since?: LogPosition;
}

/** What being in rooms needs of a namespace. */
export interface MemberOwner extends ReceivingOwner {
  readonly adapter: Adapter;
  readonly maxRoomsPerSocket: number;
  /** Those of some rooms that a socket may not join, but for those that it is in already; a promise, which does not reject, if it is not known yet. */
  refusedRooms(
    socket: unknown,
    rooms: readonly Room[],
    already: ReadonlySet<Room>,
  ): readonly Room[] | Promise<readonly Room[]>;
}

/** The part of a socket that is in rooms; before it has joined the namespace, it only notes in which. */
export abstract class MemberSocket<
  ListenEvents extends EventMap,
  EmitEvents extends EventMap,
  SocketData,
  Owner extends MemberOwner,
>
  extends ReceivingSocket<ListenEvents, EmitEvents, SocketData, Owner>
  implements Member
{
  abstract readonly handshake: Handshake;
  abstract get data(): SocketData;
  #early: EarlyWork | undefined;
  /** Rooms that it joins when the log has found what was before. */
  #entering: Map<Room, Promise<void>> | undefined;
  /** Rooms that it joins if a rule that takes its time says yes; those of each call. */
  #asked: Set<Set<Room>> | undefined;

  /** The rooms that the socket is in; its own id is one of them. A copy: changing it changes nothing. */
  get rooms(): Set<Room> {
    return new Set(this.#early?.rooms ?? this.socketOwner.adapter.roomsOf(this));
  }

  /**
   * Joins rooms. On this node it takes effect before the call returns; the promise is for the others, and may be ignored, as what fails is
   * reported as well (`handler_error`). Throws a `RangeError` if it would be in more than `maxRoomsPerSocket` (which `socketsJoin`
   * does not look at), a `TypeError` for a name that is no string.
   *
   * Rejects with an `EventError` (`join_refused`, `data.rooms`) if a rule of the namespace (`joinRule`) says no to a room, and then joins none of them; a listener
   * that lets it through answers with it. Where a rule takes its time, the socket joins when it has said yes, unless it was told to leave meanwhile.
   *
   * Where delivery is on, `history` asks for up to so many of the events that were last sent to each room: they come before what is sent there from now on,
   * and nothing comes twice. A room that it is in already has none. Where the log takes its time to read, the socket joins then; the promise resolves.
   * Throws a `TypeError` without delivery, a `RangeError` for more than `maxHistory`.
   *
   * `since` asks for all events behind a position, which {@link Namespace.position} has told: for those who have a picture of what was then. Rejects with an `EventError`
   * (`history_gap`) if not all is known any more, or it is more than `maxHistory`; then the socket has not joined that room. Throws a `TypeError` in middleware, where
   * nobody could be told.
   *
   * @example
   * socket.join(["room-1", "room-2"]);
   * socket.join("news", { history: 50 });
   * socket.on("open", (at) => socket.join("board", { since: at }));
   */
  join(rooms: Room | readonly Room[], options: JoinOptions = {}): Promise<void> {
    if (this.socketState === "gone") return Promise.resolve();
    const list = checkedRooms(rooms);
    const history = this.#wantedHistory(options);
    const now = this.#checkedCount(list);
    const refused = this.socketOwner.refusedRooms(this, list, now);
    if (!(refused instanceof Promise) && refused.length === 0) return this.enter(list, history);
    const work = this.#enterUnless(refused, list, history);
    // Who is refused is not in the room: whoever does not ask for more need not hear of it.
    work.catch(() => {});
    return work;
  }

  /** Leaves a room, in the way of {@link join}. */
  leave(room: Room): Promise<void> {
    for (const rooms of this.#asked ?? []) rooms.delete(room);
    this.#entering?.delete(room);
    if (this.socketState === "joining") {
      this.#early?.rooms.delete(room);
      this.#early?.histories.delete(room);
      return Promise.resolve();
    }
    return this.watchAdapter(() => this.socketOwner.adapter.leave(this, room));
  }

  /** @internal */
  onJoined(rooms: readonly Room[]): void {
    const feed = this.socketFeed;
    if (feed !== undefined) this.socketOwner.delivery?.enter(feed, rooms);
  }

  /** @internal */
  onLeft(room: Room): void {
    const feed = this.socketFeed;
    // One that is gone is in no room; where its client comes back to stays.
    if (feed !== undefined && this.socketState !== "gone") this.socketOwner.delivery?.leave(feed, room);
  }

  protected override sendEarly(packet: SocketPacket): void {
    this.#earlyWork.send(packet);
  }

  #wantedHistory({ history, since }: JoinOptions): WantedHistory | undefined {
    if (history === undefined && since === undefined) return undefined;
    const { delivery } = this.socketOwner;
    const name = since === undefined ? "history" : "since";
    if (delivery === undefined) throw new TypeError(`"${name}" needs the option "delivery" of the server.`);
    if (since !== undefined && this.socketState === "joining") {
      throw new TypeError('"since" is for sockets that have joined the namespace.');
    }
    return delivery.wantedHistory({ history, since });
  }

  async #enterUnless(
    pending: readonly Room[] | Promise<readonly Room[]>,
    rooms: readonly Room[],
    history: WantedHistory | undefined,
  ): Promise<void> {
    const wanted = new Set(rooms);
    (this.#asked ??= new Set()).add(wanted);
    const refused = await pending;
    this.#asked.delete(wanted);
    if (refused.length > 0) throw joinRefused(refused);
    if (this.socketState === "gone") return;
    const list = [...wanted];
    this.#checkedCount(list);
    await this.enter(list, history);
  }

  /** The rooms that it is in. Throws a `RangeError` if they would be too many with others. */
  #checkedCount(others: readonly Room[]): ReadonlySet<Room> {
    const now = this.#early?.rooms ?? this.socketOwner.adapter.roomsOf(this);
    const soon = this.#early?.histories;
    const list = [...(soon?.keys() ?? []), ...(this.#entering?.keys() ?? []), ...others];
    checkCount(now, list, this.socketOwner.maxRoomsPerSocket);
    return now;
  }

  /** Joins rooms that it may join. */
  protected enter(list: readonly Room[], history: WantedHistory | undefined): Promise<void> {
    const { adapter } = this.socketOwner;
    const now = this.#early?.rooms ?? adapter.roomsOf(this);
    if (this.socketState === "joining") {
      if (history === undefined) this.#earlyWork.join(list);
      else for (const room of list) if (!now.has(room)) this.#earlyWork.histories.set(room, history);
      return Promise.resolve();
    }
    if (history === undefined) return this.watchAdapter(() => adapter.join(this, list));
    // Once, however often it is asked for meanwhile.
    const joins = list
      .filter((room) => !now.has(room))
      .map((room) => this.#entering?.get(room) ?? this.#joinBehind(room, history));
    const all = Promise.all(joins).then(() => {});
    // Whoever does not ask for more need not hear of a gap; the socket is not in the room.
    all.catch((error: unknown) => error instanceof EventError || this.#onAdapterError(error));
    return all;
  }

  /** Joins a room behind what was sent there last. */
  #joinBehind(room: Room, history: WantedHistory): Promise<void> {
    const { adapter, delivery } = this.socketOwner;
    let [isFound, isLate] = [false, false];
    const work = new Promise<void>((resolve, reject) => {
      delivery!.replay(room, history, this, this.socketFeed, this.socketLink, (send) => {
        isFound = true;
        // It may have left the room meanwhile.
        if (isLate && this.#entering?.get(room) !== work) return resolve();
        this.#entering?.delete(room);
        if (send === undefined) return reject(historyGap(room));
        if (this.connected) send();
        if (this.connected) adapter.join(this, [room]).then(resolve, reject);
        else resolve();
      });
    });
    if (isFound) return work;
    isLate = true;
    (this.#entering ??= new Map()).set(room, work);
    return work;
  }

  get #earlyWork(): EarlyWork {
    return (this.#early ??= new EarlyWork(this.id));
  }

  /** Reports it if the adapter fails, at once or later, so that the caller may ignore it. */
  protected watchAdapter(change: () => Promise<void>): Promise<void> {
    let done: Promise<void>;
    try {
      done = change();
    } catch (error) {
      done = Promise.reject(error as Error);
    }
    if (done !== DONE) done.catch((error: unknown) => this.#onAdapterError(error));
    return done;
  }

  #onAdapterError(error: unknown): void {
    this.socketOwner.onError(error, "adapter", this.id);
  }

  abstract disconnect(close?: boolean): this;

  /** The client has come back, and was in these rooms. */
  protected comeBackTo(rooms: readonly Room[]): void {
    this.#early = new EarlyWork(this.id, rooms);
  }

  /** What was noted until now; nothing more is. */
  protected takeEarlyWork(): EarlyWork | undefined {
    const early = this.#early;
    this.#early = undefined;
    return early;
  }
}

function historyGap(room: Room): EventError {
  return new EventError("history_gap", `Not all that was sent to "${room}" since then is known any more.`, {
    room,
  });
}
