import type { Clock } from "../../shared/clock.ts";
import { type Random, randomId } from "../../shared/random.ts";
import type { Adapter, BroadcastTarget, Member, Room } from "../adapter.ts";
import type { WhenSlow } from "../backpressure/when-slow.ts";
import type { Log, LogEntry } from "../log.ts";
import type { SocketLink } from "../socket-link.ts";
import { CommitQueue } from "./commit-queue.ts";
import { DoneNotices } from "./done-notices.ts";
import { Feed, type FeedHost } from "./feed.ts";
import { loggedPacket, type OffsetWire } from "./logged-message.ts";
import type { Inbound } from "./inbound.ts";
import { Losses } from "./losses.ts";
import { NumberedEvent, type NumberedHost } from "./numbered-event.ts";
import { contentBytes, copyOf, entryOf, Publication, type Receiver, type Receivers } from "./publication.ts";
import { type LogPosition, RoomHistory, type WantedHistory } from "./room-history.ts";
import { type Claim, SEAT_KEY, type SeatBase } from "./resume.ts";
import type { Order } from "./ordered-link.ts";
import { Seat } from "./seat.ts";
import { type Resumption, type SeatHolder, Seats } from "./seats.ts";
import { Superseded } from "./superseded.ts";

/** What delivery needs of its namespace. */
export interface DeliveryOwner {
  readonly name: string;
  readonly adapter: Adapter;
  readonly log: Log;
  readonly clock: Clock;
  readonly random: Random;
  readonly seatLifetimeMs: number;
  readonly pauseAboveBytes: number;
  /** What may wait for the log of what one socket is sent and is not logged. */
  readonly maxWaitingBytes: number;
  /** How many events of a client's outbox may be under way at a time. */
  readonly maxUnacknowledged: number;
  /** How much of a room's history a socket may ask for when it joins. */
  readonly maxHistory: number;
  onError(error: unknown): void;
}

/** The last event of a history is logged for who gets it, if it takes no more. */
const MAX_COPIED_BYTES = 1024;
/** So many of the longest histories may wait for a client that does not take them. */
const MAX_WAITING_HISTORIES = 100;
/** What of a room's past a socket asks for. */
export interface JoinPast {
  readonly history?: number | undefined;
  readonly since?: LogPosition | undefined;
}

const NO_ROOMS: readonly Room[] = [];
/** What a socket takes that waits for the log, and a change of its rooms, about. */
const SOCKET_BYTES = 2048;
const CHANGE_BYTES = 128;
const NOBODY: readonly Receiver[] = [];

/** Events that are not lost: those of one namespace, in its log; and the seats to which clients come back. */
export class Delivery implements FeedHost, Order, NumberedHost {
  readonly #owner: DeliveryOwner;
  readonly #queue: CommitQueue;
  readonly #history: RoomHistory;
  readonly #seats: Seats;
  /** @internal */
  readonly superseded: Superseded = new Superseded();
  readonly #notices: DoneNotices;
  readonly #losses: Losses;
  #vacantUntilMs = 0;
  #isClosed = false;

  constructor(owner: DeliveryOwner) {
    this.#owner = owner;
    this.#queue = new CommitQueue(
      () => owner.log.head,
      (error) => owner.onError(error),
    );
    this.#history = new RoomHistory(
      owner.log,
      () => this.#queue.uncommitted.map(({ entry }) => entry),
      (error) => owner.onError(error),
    );
    this.#seats = new Seats(
      owner.log,
      () => this.#queue.reached,
      () => Math.max(owner.log.tail, this.#losses.before),
      (error) => owner.onError(error),
    );
    this.#losses = new Losses(owner.clock, {
      inOrder: (run) => this.inOrder(run),
      tellGap: (key) => this.#seats.get(key)?.holder.tellLoss(),
    });
    this.#notices = new DoneNotices(owner.clock, owner.maxUnacknowledged, (keys) => this.#sendDone(keys));
  }

  get name(): string {
    return this.#owner.name;
  }

  get log(): Log {
    return this.#owner.log;
  }

  get pauseAboveBytes(): number {
    return this.#owner.pauseAboveBytes;
  }

  /** Up to here, everything that was committed has been sent to those who are live. */
  get reached(): number {
    return this.#queue.reached;
  }

  /** For how long somebody may still come back who is away now, in milliseconds; 0: nobody will. */
  get vacantForMs(): number {
    return Math.max(0, this.#vacantUntilMs - this.#owner.clock.now());
  }

  /** Whether something waits for its commit: what is sent meanwhile must wait, too. */
  get isWaiting(): boolean {
    return this.#queue.isWaiting;
  }

  /** What waits and came last. */
  get lastWaiting(): unknown {
    return this.#queue.last;
  }

  get maxWaitingBytes(): number {
    return this.#owner.maxWaitingBytes;
  }

  /** Sends an event to whom a target means, when it is in the log. Throws for one that can't be encoded. */
  publish({ rooms, except, compress, whenSlow }: BroadcastTarget, data: readonly unknown[]): void {
    const target = { rooms, except, compress, whenSlow, volatile: false, local: true };
    const entry = entryOf("event", undefined, [...rooms], [...except], data);
    this.#append(entry, () => this.#owner.adapter.membersOf(target), compress, whenSlow);
  }

  /** Sends an event to a single socket, when it is in the log. Throws for one that can't be encoded. */
  publishTo(
    member: Receiver,
    seat: Seat,
    data: readonly unknown[],
    compress: boolean,
    whenSlow: WhenSlow | undefined,
  ): void {
    const entry = entryOf("event", undefined, seat.directRooms, NO_ROOMS, data);
    this.#append(entry, [member], compress, whenSlow);
  }

  /** Resolves with where the log is when all that was emitted until now is in it. */
  position(): Promise<LogPosition> {
    return new Promise((resolve) => {
      this.inOrder((offset) => resolve({ epoch: this.log.epoch, offset }));
    });
  }

  /** What of a room's history is asked for. Throws a `RangeError` for more than may be, a `TypeError` for both at once. */
  wantedHistory({ history: count, since }: JoinPast): WantedHistory | undefined {
    const { maxHistory } = this.#owner;
    if (since !== undefined) {
      if (count !== undefined) throw new TypeError('"history" and "since" don\'t go together.');
      return { since, atMost: maxHistory };
    }
    if (count === undefined) return undefined;
    if (!Number.isInteger(count) || count < 1 || count > maxHistory) {
      throw new RangeError(
        `"history" is a whole number from 1 to ${maxHistory} ("maxHistory"), not ${count}.`,
      );
    }
    return { last: count };
  }

  /**
   * Looks for what was sent to a room before a socket joins it, and calls `found` once, at once or later: with what sends that, which it calls in the turn in which the
   * socket joins, so that what is sent from then on comes behind it; or with nothing if not all that is wanted is known, or it is too much.
   *
   * They are not logged once more, but for the last, if it is small: by its offset the client shows that it has them all.
   */
  replay(
    room: Room,
    wanted: WantedHistory,
    member: Member,
    feed: Feed | undefined,
    link: SocketLink,
    found: (send: (() => void) | undefined) => void,
  ): void {
    this.#history.read(room, wanted, (entries) => {
      if (entries === undefined) return found(undefined);
      if ("since" in wanted && wanted.since.offset < this.#losses.before) return found(undefined);
      const mine = this.#owner.adapter.roomsOf(member);
      const past = entries.filter(({ except }) => !except.some((each) => mine.has(each)));
      found(() => {
        if (feed !== undefined) return this.#replayTo(feed, member, past);
        for (const entry of past) link.sendEncoded(loggedPacket(this.name, "", 0, entry, "none"), false);
      });
    });
  }

  #replayTo(feed: Feed, member: Receiver, wanted: readonly LogEntry[]): void {
    const last = wanted.at(-1);
    if (last === undefined) return;
    const isLogged = contentBytes(last) <= MAX_COPIED_BYTES;
    const sent = isLogged ? wanted.slice(0, -1) : wanted;
    if (!feed.promiseHistory(sent.length, MAX_WAITING_HISTORIES * this.#owner.maxHistory)) return;
    if (sent.length > 0) this.inOrder(() => feed.sendHistory(sent));
    if (isLogged) this.#append(copyOf(last, feed.seat.directRooms), [member], false);
  }

  /** Takes an event of a client's outbox; undefined: it is done, or under way. Throws `PacketError` for one that is not the next. */
  receive(seat: Seat, sequence: number, wantsErrors: boolean): NumberedEvent | undefined {
    const inbound = seat.inboundOf(this.#owner.maxUnacknowledged);
    if (inbound.receive(sequence)) return new NumberedEvent(this, inbound, sequence, wantsErrors);
    // The client may not know.
    this.#notices.add(seat);
    return undefined;
  }

  answer({ key, directRooms }: Seat, type: "ack" | "connect_error", id: number, data: unknown): void {
    const entry = entryOf(type, id, directRooms, NO_ROOMS, data);
    const held = this.#seats.get(key);
    this.#append(entry, held === undefined ? NOBODY : [held.holder], true);
  }

  onHandled(inbound: Inbound<Seat>, hasMoved: boolean): void {
    this.#seats.onHandled(inbound, hasMoved);
    if (hasMoved) this.#notices.add(inbound.seat);
  }

  /** Runs when all that was sent before is in the log; it is told the offset of the last of it. */
  inOrder(run: (offset: number) => void): void {
    this.#queue.run(run);
  }

  /** As {@link inOrder}, for what a client can bring about as often as it likes: it is counted, and one that has too much of it wait is cut off. */
  #inOrderOf({ link }: Feed, bytes: number, run: (offset: number) => void): void {
    if (!this.isWaiting) return this.inOrder(run);
    link.waitingBytes += bytes;
    this.inOrder((offset) => {
      link.waitingBytes -= bytes;
      run(offset);
    });
    if (link.waitingBytes > this.maxWaitingBytes) link.endSession();
  }

  /** What a socket is sent that has no seat yet. */
  newFeed(socketId: string, wire: OffsetWire, link: SocketLink, { before, isFirst }: Resumption): Feed {
    const seat = new Seat(randomId(this.#owner.random), socketId, isFirst ? 0 : before?.sequence);
    seat.adopt(before?.inbound);
    return this.feedOf(seat, wire, link);
  }

  /** What a socket is sent that has come back. */
  feedOf(seat: Seat, wire: OffsetWire, link: SocketLink): Feed {
    return new Feed(seat, wire, link, this);
  }

  /** Takes the seat that a client claims, from whoever holds it: calls back once, at once or later. */
  take(claim: Claim, taken: (resumption: Resumption) => void): void {
    // First, so that what it keeps at its end is kept: from now on nothing of it counts.
    this.#seats.evict(claim.key);
    this.inOrder(() => this.#seats.take(claim, taken));
  }

  /** A socket that has come back, and may still be refused, has its seat. */
  hold(seat: Seat, holder: SeatHolder): void {
    this.#seats.hold(seat, holder);
  }

  /**
   * A socket joins: its seat begins, or goes on behind `offset`, and `answer` is called with what CONNECT's answer says of it, when what was sent before it came is
   * in the log. A client of Socket.IO is sent what it has missed before that.
   */
  start(
    feed: Feed,
    holder: SeatHolder,
    resumed: number | undefined,
    rooms: ReadonlySet<Room>,
    answer: (more: object) => void,
  ): void {
    const { seat, wire } = feed;
    this.hold(seat, holder);
    seat.inbound?.begin();
    this.#inOrderOf(feed, SOCKET_BYTES, (now) => {
      const isLossy = resumed !== undefined && resumed < this.#losses.before;
      if (resumed === undefined) {
        seat.begin(now);
        feed.begin(now);
      } else {
        // Those that middleware has taken it out of: what came there while it was away is not for it either.
        for (const room of seat.rooms) if (!rooms.has(room)) seat.leave(room, resumed);
      }
      if (wire === "trailing") {
        if (resumed === undefined) answer({ pid: seat.key });
        // With another key it does not take itself for one that has come back.
        else
          feed.catchUp(resumed, (isGap) =>
            answer({ pid: isGap || isLossy ? randomId(this.#owner.random) : seat.key }),
          );
      } else {
        const { epoch } = this.log;
        const base: SeatBase = {
          epoch,
          offset: resumed ?? now,
          ...(seat.isSequenceKnown && { sequence: seat.sequence }),
        };
        const recovered = resumed === undefined ? {} : { recovered: true };
        const window = this.#owner.maxUnacknowledged;
        answer({ [SEAT_KEY]: { key: seat.key, ...base, window, ...recovered } });
        if (resumed !== undefined) feed.catchUp(resumed, (isGap) => (isGap || isLossy) && feed.tellGap());
      }
      this.#seats.saveIfHeld(seat);
    });
  }

  /** The socket of a feed is in rooms. */
  enter(feed: Feed, rooms: readonly Room[]): void {
    const { seat } = feed;
    this.#inOrderOf(feed, CHANGE_BYTES, (offset) => {
      for (const room of rooms) seat.enter(room, offset);
      this.#seats.saveIfHeld(seat);
    });
  }

  /** The socket of a feed is no longer in a room. */
  leave(feed: Feed, room: Room): void {
    const { seat } = feed;
    this.#inOrderOf(feed, CHANGE_BYTES, (offset) => {
      seat.leave(room, offset);
      this.#seats.saveIfHeld(seat);
    });
  }

  /** What is kept of the socket of a seat may have changed. */
  touch(seat: Seat, holder: SeatHolder): void {
    if (this.#seats.isHolder(seat, holder)) this.#seats.save(seat);
  }

  /** A socket is gone; `isForGood`: its client will not come back. What was sent before is still sent. */
  end(feed: Feed, holder: SeatHolder, isForGood: boolean): void {
    const { seat } = feed;
    const wasHolder = this.#seats.rise(seat, holder);
    if (wasHolder && !isForGood) this.#vacantUntilMs = this.#owner.clock.now() + this.#owner.seatLifetimeMs;
    // In order: the rooms that it has joined last may still wait for their offset.
    this.#inOrderOf(feed, CHANGE_BYTES, () => {
      feed.stop();
      if (!wasHolder) return;
      if (isForGood) this.#seats.drop(seat);
      else this.#seats.vacate(seat);
    });
  }

  /** Lets go of the log, when all that was sent is in it; what is sent from now on reaches nobody. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#notices.close();
    this.#losses.close();
    if (this.isWaiting) await new Promise<void>((resolve) => this.inOrder(() => resolve()));
    await this.log.close();
  }

  onError(error: unknown): void {
    this.#owner.onError(error);
  }

  onLost(receivers: Iterable<Receiver>, error: unknown): void {
    this.onError(error);
    if (!this.#isClosed) this.#losses.add(receivers);
  }

  /** When the number is in the log. */
  #sendDone(keys: readonly string[]): void {
    this.log.whenCommitted(() => {
      for (const key of keys) {
        const held = this.#seats.get(key);
        held?.holder.sendDone(held.seat.sequence);
      }
    });
  }

  #append(entry: LogEntry, to: Receivers, compress: boolean, whenSlow?: WhenSlow): void {
    if (this.#isClosed) return;
    const publication = new Publication(this, this.#queue, entry, to, compress, whenSlow);
    this.#queue.push(publication);
    this.#history.note(entry);
    try {
      this.log.append(entry, publication);
    } catch (error) {
      publication.onFailed(error);
    }
    publication.chooseUnlessSent();
  }
}
