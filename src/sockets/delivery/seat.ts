import type { Room } from "../adapter.ts";
import type { LogEntry, SeatRecord, Stay, TakenSeat } from "../log.ts";
import { Inbound } from "./inbound.ts";

/** Stays that are over are kept as long as a client may have missed something of them, but not more than this. */
const MAX_PAST_STAYS = 1000;

/**
 * The room that nobody but the socket itself can be in: for what is sent to it alone. Its name is a secret, as applications let clients choose names of
 * rooms, and show ids.
 */
export function directRoom(key: string): Room {
  return `\0${key}`;
}

/** What is kept of a socket so that its client can come back to it: who it is, where it was from which offset on, what it certainly has. */
export class Seat implements SeatRecord {
  /** By which the client finds it again; whoever knows it may take it. */
  readonly key: string;
  readonly socketId: string;
  readonly generation: number;
  /** {@link directRoom} as entries of the log have it. */
  readonly directRooms: readonly Room[];
  /** What the application keeps on the socket. */
  value: unknown;
  /** Its client will not come back to it: it is kept no more. */
  isDropped = false;
  /** Whether {@link sequence} counts from what the client has sent before. */
  readonly isSequenceKnown: boolean;
  #since = 0;
  #confirmed = 0;
  readonly #sequence: number;
  /** There from the first numbered event on. */
  #inbound: Inbound<Seat> | undefined;
  /** Where it is, and behind which offset. */
  readonly #rooms = new Map<Room, number>();
  #past: Stay[] | undefined;
  /** What was sent when the last pong came. */
  #sentAtPong = 0;
  /** Behind this offset its client was sent history that has no offsets; until it is certain that it has all of it. */
  #historyAt: number | undefined;
  /** So many pongs, and it is; undefined: it is still being sent. */
  #pongsToGo: number | undefined;

  /** @param sequence up to which of the client's events all are done; undefined: nothing is known of earlier ones */
  constructor(key: string, socketId: string, sequence: number | undefined, generation = 1) {
    this.key = key;
    this.socketId = socketId;
    this.generation = generation;
    this.directRooms = [directRoom(key)];
    this.#sequence = sequence ?? 0;
    this.isSequenceKnown = sequence !== undefined;
  }

  /** A seat that was taken. */
  static of(key: string, { record, generation }: TakenSeat): Seat {
    const seat = new Seat(key, record.socketId, record.sequence, generation);
    seat.#since = record.since;
    seat.#confirmed = record.confirmed;
    seat.#sentAtPong = record.confirmed;
    for (const stay of record.stays) {
      if (stay.upTo === undefined) seat.#rooms.set(stay.room, stay.after);
      else (seat.#past ??= []).push(stay);
    }
    // A log in memory has kept the very object: what is on it need not be JSON.
    if (record instanceof Seat) {
      seat.value = record.value;
      seat.adopt(record.#inbound);
    } else if (record.data !== undefined) seat.value = JSON.parse(record.data);
    return seat;
  }

  /** What {@link SeatRecord.since} says: whoever has nothing newer than history that was sent without offsets may lack some of it. */
  get since(): number {
    return this.#historyAt === undefined ? this.#since : Math.max(this.#since, this.#historyAt + 1);
  }

  /** What is known of its stays begins behind this offset. */
  get knownSince(): number {
    return this.#since;
  }

  get confirmed(): number {
    return this.#confirmed;
  }

  get sequence(): number {
    return this.#inbound?.done ?? this.#sequence;
  }

  /** The other end of the client's outbox, if it has used it. */
  get inbound(): Inbound<Seat> | undefined {
    return this.#inbound;
  }

  /** Goes on with events that are still under way. */
  adopt(inbound: Inbound<Seat> | undefined): void {
    this.#inbound ??= inbound;
    if (this.#inbound !== undefined) this.#inbound.seat = this;
  }

  /** The same, made if it is not there. */
  inboundOf(window: number): Inbound<Seat> {
    return (this.#inbound ??= new Inbound(this, this.#sequence, window));
  }

  get stays(): readonly Stay[] {
    const now = [...this.#rooms].map(([room, after]) => ({ room, after, upTo: undefined }));
    return [...(this.#past ?? []), ...now];
  }

  get data(): string | undefined {
    try {
      return JSON.stringify(this.value);
    } catch {
      return undefined;
    }
  }

  /** The rooms that it is in, but for the one that is its own alone. */
  get rooms(): Room[] {
    const [direct] = this.directRooms;
    return [...this.#rooms.keys()].filter((room) => room !== direct);
  }

  /** The rooms in which something may have been for it. */
  get roomsEver(): ReadonlySet<Room> {
    const rooms = new Set(this.#rooms.keys());
    for (const { room } of this.#past ?? []) rooms.add(room);
    return rooms;
  }

  /** Begins: its client has missed nothing up to here. */
  begin(offset: number): void {
    this.#since = offset;
    this.#confirmed = offset;
    this.#sentAtPong = offset;
    this.#rooms.set(this.directRooms[0]!, offset);
  }

  /** It is in a room, for what comes behind an offset. */
  enter(room: Room, offset: number): void {
    if (!this.#rooms.has(room)) this.#rooms.set(room, offset);
  }

  /** It is no longer in a room; what was up to an offset was for it. */
  leave(room: Room, offset: number): void {
    const after = this.#rooms.get(room);
    if (after === undefined) return;
    this.#rooms.delete(room);
    if (offset <= Math.max(after, this.#confirmed)) return;
    const past = (this.#past ??= []);
    past.push({ room, after, upTo: offset });
    if (past.length > MAX_PAST_STAYS) this.#since = Math.max(this.#since, past.shift()!.upTo!);
  }

  /** Its client is sent history behind an offset. */
  beginHistory(offset: number): void {
    this.#historyAt = offset;
    this.#pongsToGo = undefined;
  }

  /** All of that has been sent: what the next ping but one is answered with, is behind it. */
  endHistory(): void {
    this.#pongsToGo = 2;
  }

  /** Whether an entry was for it, when it was appended. */
  isFor({ rooms, except }: LogEntry, offset: number): boolean {
    if (rooms.length > 0 && !rooms.some((room) => this.#wasIn(room, offset))) return false;
    return !except.some((room) => this.#wasIn(room, offset));
  }

  /** The client answers a ping, having been sent everything up to `sent` by now: what was sent before the last pong was sent before this ping. */
  onPong(sent: number): void {
    if (this.#pongsToGo !== undefined && (this.#pongsToGo -= 1) === 0) {
      this.#historyAt = this.#pongsToGo = undefined;
    }
    this.#confirm(this.#sentAtPong);
    this.#sentAtPong = sent;
  }

  #confirm(offset: number): void {
    if (offset <= this.#confirmed) return;
    this.#confirmed = offset;
    const past = this.#past?.filter(({ upTo }) => upTo! > offset);
    this.#past = past?.length === 0 ? undefined : past;
  }

  #wasIn(room: Room, offset: number): boolean {
    const after = this.#rooms.get(room);
    if (after !== undefined && offset > after) return true;
    return (
      this.#past?.some((stay) => stay.room === room && offset > stay.after && offset <= stay.upTo!) === true
    );
  }
}
