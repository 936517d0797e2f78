import { encodeBody } from "../../packets/index.ts";
import type { Clock, Timer } from "../../shared/clock.ts";
import { type Random, randomId } from "../../shared/random.ts";
import type { Adapter, BroadcastTarget, Member, Room } from "../adapter.ts";
import type { Appending, Log, LogEntry, TakenSeat } from "../log.ts";
import type { SocketLink } from "../socket-link.ts";
import { CommitQueue, type Pending } from "./commit-queue.ts";
import { Feed, type FeedHost } from "./feed.ts";
import type { Inbound } from "./inbound.ts";
import { LoggedMessage, type OffsetWire } from "./logged-message.ts";
import type { NumberedEvent } from "./numbered-acknowledgement.ts";
import { RoomHistory } from "./room-history.ts";
import { type Claim, SEAT_KEY, type SeatBase } from "./resume.ts";
import { Seat } from "./seat.ts";

/** What delivery needs of its namespace. */
export interface DeliveryOwner {
  readonly name: string;
  readonly adapter: Adapter;
  readonly log: Log;
  readonly clock: Clock;
  readonly random: Random;
  readonly seatLifetimeMs: number;
  readonly pauseAboveBytes: number;
  /** How many events of a client's outbox may be under way at a time. */
  readonly maxUnacknowledged: number;
  /** How much of a room's history a socket may ask for when it joins. */
  readonly maxHistory: number;
  onError(error: unknown): void;
}

/** A client is told so often while as many of its events as may be under way are handled. */
const TOLD_IN_A_WINDOW = 4;
/** How long it may take until a client is told of the last ones, in milliseconds. */
const TELL_DELAY_MS = 20;

type Receiver = Pick<Member, "deliverLogged">;

/** A socket as delivery knows it: one that holds a seat. */
export interface SeatHolder extends Pick<Member, "id" | "deliverLogged"> {
  /** Tells the client up to which number the events of its outbox are done. */
  sendDone(sequence: number): void;
  /** Another connection has taken the seat: this one is over. */
  supersede(): void;
}

/** What came of a claim. */
export interface Resumption {
  /** The seat, which is taken now; undefined: it is no more, or what was missed is no more. */
  readonly seat: Seat | undefined;
  /** What is behind it was missed. */
  readonly offset: number | undefined;
  /** The seat that it had, if it is known, though there was a gap. */
  readonly before: Seat | undefined;
  /** Whether the client has never had a seat. */
  readonly isFirst: boolean;
}

/** For a client that comes for the first time. */
export const NOTHING_TO_RESUME: Resumption = {
  seat: undefined,
  offset: undefined,
  before: undefined,
  isFirst: true,
};
const NO_ROOMS: readonly Room[] = [];
const UNKNOWN: Resumption = { ...NOTHING_TO_RESUME, isFirst: false };

/** Events that are not lost: those of one namespace, in its log; and the seats to which clients come back. */
export class Delivery implements FeedHost {
  readonly #owner: DeliveryOwner;
  readonly #queue: CommitQueue;
  readonly #history: RoomHistory;
  /** Who sits where, by the seat's key. */
  readonly #holders = new Map<string, { readonly seat: Seat; readonly holder: SeatHolder }>();
  /** Events of outboxes that are under way though nobody sits there: whoever comes back goes on with them. */
  readonly #busy = new Map<string, Inbound<Seat>>();
  /** Who was not told yet that events of their outboxes are done; and the first of these. */
  readonly #untold = new Map<string, number>();
  #tellTimer: Timer | undefined;
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

  /** Sends an event to whom a target means, when it is in the log. Throws for one that can't be encoded. */
  publish({ rooms, except, compress }: BroadcastTarget, data: readonly unknown[]): void {
    const target = { rooms, except, compress, volatile: false, local: true };
    const entry = entryOf("event", undefined, [...rooms], [...except], data);
    this.#append(entry, () => this.#owner.adapter.membersOf(target), compress);
  }

  /** Sends an event to a single socket, when it is in the log. Throws for one that can't be encoded. */
  publishTo(member: Receiver, seat: Seat, data: readonly unknown[], compress = true): void {
    this.#append(entryOf("event", undefined, seat.directRooms, NO_ROOMS, data), () => [member], compress);
  }

  /** Throws a `RangeError` for more of a room's history than may be asked for. */
  checkHistory(count: number): void {
    const { maxHistory } = this.#owner;
    if (!Number.isInteger(count) || count < 1 || count > maxHistory) {
      throw new RangeError(
        `"history" is a whole number from 1 to ${maxHistory} ("maxHistory"), not ${count}.`,
      );
    }
  }

  /**
   * Sends a socket that is about to join a room the newest events of it, and calls `join` in the same turn: what is sent from then on comes behind them.
   */
  replay(
    room: Room,
    count: number,
    member: Member,
    seat: Seat | undefined,
    link: SocketLink,
    join: () => void,
  ): void {
    this.#history.read(room, count, (entries) => {
      const mine = this.#owner.adapter.roomsOf(member);
      const wanted = entries.filter(({ except }) => !except.some((each) => mine.has(each)));
      for (const entry of wanted) {
        // A copy in the log: it is not lost either if the connection is.
        if (seat !== undefined)
          this.#append({ ...entry, rooms: seat.directRooms, except: NO_ROOMS }, () => [member], false);
        else
          this.inOrder(() => link.sendLogged(new LoggedMessage(this.name, "", 0, entry, false).on("none")));
      }
      join();
    });
  }

  /** Takes an event of a client's outbox; undefined: it is done, or under way. Throws `PacketError` for one that is not the next. */
  receive(seat: Seat, sequence: number, wantsErrors: boolean): NumberedEvent | undefined {
    const inbound = seat.inboundOf(this.#owner.maxUnacknowledged);
    if (!inbound.receive(sequence)) {
      // The client may not know.
      this.#tellDone(seat);
      return undefined;
    }
    return {
      connected: true,
      wantsErrors,
      sendAck: (id, data) => this.#answer(inbound.seat, "ack", id, data),
      sendAckError: (id, { code, message, data }) =>
        this.#answer(inbound.seat, "connect_error", id, { code, message, data }),
      onDropped: () => inbound.drop(sequence),
      onDone: () => {
        const hasMoved = inbound.finish(sequence);
        // The client may have come back meanwhile, and have another seat.
        const { key } = inbound.seat;
        if (!inbound.isBusy) this.#busy.delete(key);
        if (!hasMoved) return;
        this.#save(inbound.seat);
        // One whose time is over has just been kept anew: it must not stay for ever.
        if (!this.#holders.has(key) && !inbound.seat.isDropped)
          this.log.vacateSeat(key, inbound.seat.generation);
        this.#tellDone(inbound.seat);
      },
    };
  }

  /** Runs when all that was sent before is in the log; it is told the offset of the last of it. */
  inOrder(run: (offset: number) => void): void {
    this.#queue.run(run);
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
    this.#holders.get(claim.key)?.holder.supersede();
    this.inOrder(() => {
      const found = this.#takeSeat(claim.key);
      if (found instanceof Promise) {
        found.then((seat) => taken(this.#resume(claim, seat))).catch((error: unknown) => this.onError(error));
      } else taken(this.#resume(claim, found));
    });
  }

  /** A socket that has come back, and may still be refused, has its seat. */
  hold(seat: Seat, holder: SeatHolder): void {
    this.#holders.set(seat.key, { seat, holder });
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
    this.inOrder((now) => {
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
          feed.catchUp(resumed, (isGap) => answer({ pid: isGap ? randomId(this.#owner.random) : seat.key }));
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
        if (resumed !== undefined) feed.catchUp(resumed, (isGap) => isGap && feed.tellGap());
      }
      this.#saveIfHeld(seat);
    });
  }

  /** The socket of a seat is in rooms. */
  enter(seat: Seat, rooms: readonly Room[]): void {
    this.inOrder((offset) => {
      for (const room of rooms) seat.enter(room, offset);
      this.#saveIfHeld(seat);
    });
  }

  /** The socket of a seat is no longer in a room. */
  leave(seat: Seat, room: Room): void {
    this.inOrder((offset) => {
      seat.leave(room, offset);
      this.#saveIfHeld(seat);
    });
  }

  /** What is kept of the socket of a seat may have changed. */
  touch(seat: Seat, holder: SeatHolder): void {
    if (this.#holders.get(seat.key)?.holder === holder) this.#save(seat);
  }

  /** A socket is gone; `isForGood`: its client will not come back. What was sent before is still sent. */
  end(feed: Feed, holder: SeatHolder, isForGood: boolean): void {
    const { seat } = feed;
    const isHolder = this.#holders.get(seat.key)?.holder === holder;
    if (isHolder) this.#holders.delete(seat.key);
    if (isHolder && !isForGood) {
      if (seat.inbound?.isBusy === true) this.#busy.set(seat.key, seat.inbound);
      this.#vacantUntilMs = this.#owner.clock.now() + this.#owner.seatLifetimeMs;
    }
    // In order: the rooms that it has joined last may still wait for their offset.
    this.inOrder(() => {
      feed.stop();
      if (!isHolder) return;
      if (isForGood) this.#drop(seat);
      else {
        this.#save(seat);
        this.log.vacateSeat(seat.key, seat.generation);
      }
    });
  }

  /** Lets go of the log, when all that was sent is in it; what is sent from now on reaches nobody. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#tellTimer?.cancel();
    if (this.isWaiting) await new Promise<void>((resolve) => this.inOrder(() => resolve()));
    await this.log.close();
  }

  onError(error: unknown): void {
    this.#owner.onError(error);
  }

  #answer({ key, directRooms }: Seat, type: "ack" | "connect_error", id: number, data: unknown): void {
    const entry = entryOf(type, id, directRooms, NO_ROOMS, data);
    this.#append(entry, () => this.#holderOf(key), true);
  }

  #holderOf(key: string): SeatHolder[] {
    const held = this.#holders.get(key);
    return held === undefined ? [] : [held.holder];
  }

  /** Once for many: in the turn in which there are enough, so that it leaves with the answers, or soon. */
  #tellDone({ key, sequence }: Seat): void {
    const first = this.#untold.get(key) ?? sequence;
    this.#untold.set(key, first);
    if ((sequence - first + 1) * TOLD_IN_A_WINDOW >= this.#owner.maxUnacknowledged) this.#tell([key]);
    else
      this.#tellTimer ??= this.#owner.clock.setTimeout(
        () => this.#tell([...this.#untold.keys()]),
        TELL_DELAY_MS,
      );
  }

  #tell(keys: readonly string[]): void {
    for (const key of keys) this.#untold.delete(key);
    if (this.#untold.size === 0) {
      this.#tellTimer?.cancel();
      this.#tellTimer = undefined;
    }
    this.log.whenCommitted(() => {
      for (const key of keys) {
        const held = this.#holders.get(key);
        held?.holder.sendDone(held.seat.sequence);
      }
    });
  }

  #saveIfHeld(seat: Seat): void {
    if (this.#holders.get(seat.key)?.seat === seat) this.#save(seat);
  }

  #drop(seat: Seat): void {
    seat.isDropped = true;
    this.log.dropSeat(seat.key, seat.generation);
  }

  #save(seat: Seat): void {
    // A handler may end long after its client: a log takes what it does not know for a new seat.
    if (seat.isDropped) return;
    this.log.saveSeat(seat.key, seat, seat.generation);
  }

  #append(entry: LogEntry, membersOf: () => Iterable<Receiver>, compress: boolean): void {
    if (this.#isClosed) return;
    const publication = new Publication(this, this.#queue, entry, membersOf, compress);
    this.#queue.push(publication);
    this.#history.note(entry);
    try {
      this.log.append(entry, publication);
    } catch (error) {
      publication.onFailed(error);
    }
    publication.chooseUnlessSent();
  }

  /** Undefined if the log can't say. */
  #takeSeat(key: string): TakenSeat | undefined | Promise<TakenSeat | undefined> {
    const fail = (error: unknown): undefined => void this.onError(error);
    try {
      const found = this.log.takeSeat(key);
      return found instanceof Promise ? found.catch(fail) : found;
    } catch (error) {
      return fail(error);
    }
  }

  #resume({ key, position }: Claim, taken: TakenSeat | undefined): Resumption {
    if (taken === undefined) return UNKNOWN;
    const rival = this.#holders.get(key);
    if (rival !== undefined) {
      // Both have come while the log was looking for the seat: who has asked last has it.
      if (rival.seat.generation > taken.generation) return UNKNOWN;
      rival.holder.supersede();
    }
    const seat = Seat.of(key, taken);
    seat.adopt(this.#busy.get(key));
    this.#busy.delete(key);
    const { epoch, tail } = this.log;
    const { offset } = position ?? { offset: seat.since };
    const from = Math.max(offset, seat.confirmed);
    const isSame = (position === undefined || position.epoch === epoch) && from <= this.reached;
    if (isSame && from >= seat.since && from >= tail) return { ...UNKNOWN, seat, offset: from };
    this.#drop(seat);
    return { ...UNKNOWN, before: seat };
  }
}

/** An event on its way into the log, and from there to its receivers. */
class Publication implements Appending, Pending {
  offset: number | undefined;
  readonly #delivery: Delivery;
  readonly #queue: CommitQueue;
  readonly entry: LogEntry;
  readonly #membersOf: () => Iterable<Receiver>;
  readonly #compress: boolean;
  /** If it must wait: those who are meant now, not those who would be meant then. */
  #chosen: Receiver[] | undefined;
  #isSent = false;

  constructor(
    delivery: Delivery,
    queue: CommitQueue,
    entry: LogEntry,
    membersOf: () => Iterable<Receiver>,
    compress: boolean,
  ) {
    this.#delivery = delivery;
    this.#queue = queue;
    this.entry = entry;
    this.#membersOf = membersOf;
    this.#compress = compress;
  }

  chooseUnlessSent(): void {
    if (!this.#isSent && this.offset !== 0) this.#chosen = [...this.#membersOf()];
  }

  onCommitted(offset: number): void {
    this.offset = offset;
    this.#queue.advance();
  }

  onFailed(error: unknown): void {
    this.offset = 0;
    this.#delivery.onError(error);
    this.#queue.advance();
  }

  send(): void {
    this.#isSent = true;
    const { name, log } = this.#delivery;
    const message = new LoggedMessage(name, log.epoch, this.offset!, this.entry, this.#compress);
    for (const member of this.#chosen ?? this.#membersOf()) member.deliverLogged(message);
  }
}

function entryOf(
  type: LogEntry["type"],
  id: number | undefined,
  rooms: readonly string[],
  except: readonly string[],
  data: unknown,
): LogEntry {
  const { json, attachments } = encodeBody(data);
  // Copies: the application may go on to write into what it has sent.
  const copies = attachments.length === 0 ? attachments : attachments.map((bytes) => bytes.slice());
  return { type, id, rooms, except, body: json, attachments: copies };
}
