import type { Clock } from "../shared/clock.ts";
import type { Random } from "../shared/random.ts";
import type { Room } from "./room.ts";

/** What a log keeps of a packet: all that is needed to send it once more, to whom it was meant for. */
export interface LogEntry {
  /** An event; or what answers one that the client had in its outbox, an error as well. */
  readonly type: "event" | "ack" | "connect_error";
  /** Which acknowledgement; undefined for an event. */
  readonly id: number | undefined;
  /** Whose members it is for; none: everyone in the namespace. */
  readonly rooms: readonly Room[];
  /** Whose members it is not for. */
  readonly except: readonly Room[];
  /** What the packet carries, as JSON, with placeholders where its attachments were. */
  readonly body: string;
  /** What was taken out of it: copies, which nobody changes any more. */
  readonly attachments: readonly Uint8Array[];
}

/** An entry in its place. */
export interface LoggedEntry extends LogEntry {
  /** Counts up from 1, with no number left out. */
  readonly offset: number;
  /** When it was appended, in milliseconds since 1970. */
  readonly timeMs: number;
}

/** Whoever appends, told once what has become of it. */
export interface Appending {
  /** It is kept, as safely as this log keeps anything. In the order of offsets; perhaps before `append` returns. */
  onCommitted(offset: number, timeMs: number): void;
  /** It is not, and will not be. */
  onFailed(error: unknown): void;
}

/** Which entries are wanted: those for everyone, and those for one of `rooms`. */
export interface LogQuery {
  /** Only those behind this offset. */
  readonly after: number;
  /** Only those up to this one. */
  readonly upTo: number;
  readonly rooms: Iterable<Room>;
  /** At most so many, 1 or more. */
  readonly maxEntries: number;
  /** No further one when the bodies and attachments found have so many bytes, roughly; the first is always taken. */
  readonly maxBytes: number;
}

/** A part of what was asked for, from its beginning. */
export interface LogPage {
  /** In order. Those that are for nobody who asked may be among them, as `except` is left to the reader. */
  readonly entries: readonly LoggedEntry[];
  /**
   * Everything up to here has been looked at: the next page begins behind it. It has come to an end when this is not below the query's `upTo`, or
   * the head; until then it is higher than the query's `after`.
   */
  readonly upTo: number;
}

/** A room in which somebody is, or was. */
export interface Stay {
  readonly room: Room;
  /** Entries up to this offset were before. */
  readonly after: number;
  /** Entries behind this offset were later; undefined: still there. */
  readonly upTo: number | undefined;
}

/** What is kept of a socket so that its client can come back to it: its seat in the namespace. */
export interface SeatRecord {
  /** The socket's id, which stays. */
  readonly socketId: string;
  readonly stays: readonly Stay[];
  /** What is known of its stays begins behind this offset: who has seen less can't be told what was missed. */
  readonly since: number;
  /** What the application keeps on the socket, as JSON; undefined: nothing, or what JSON can't hold. */
  readonly data: string | undefined;
  /** The client certainly has everything up to this offset. */
  readonly confirmed: number;
  /** The events of the client's outbox up to this number are done. */
  readonly sequence: number;
}

/** A seat that was taken. */
export interface TakenSeat {
  readonly record: SeatRecord;
  /** Higher than that of whoever held it before, who can save nothing any more. */
  readonly generation: number;
}

/**
 * What happened in one namespace, in order, and who may come back to it.
 *
 * What is appended and saved in one turn of the event loop is kept together or not at all. The suite that every log passes is `logSuite` of
 * `switchboard/testing`.
 */
export interface Log {
  /** Changes when history is lost: an offset means nothing in another epoch. 1 to 16 characters of `[A-Za-z0-9_-]`. */
  readonly epoch: string;
  /** The newest offset that is committed; 0: none ever was. */
  readonly head: number;
  /** Everything behind this offset is still there; for who has seen less, there is a gap. */
  readonly tail: number;
  /** Keeps an entry. It may be called while another is told of; in a closed log it fails. */
  append(entry: LogEntry, appending: Appending): void;
  /** Committed entries. Those at or before `tail` may be missing from it. At once, if it can. */
  read(query: LogQuery): LogPage | Promise<LogPage>;
  /**
   * The newest entries for one room, not more than `count`, in order, as far back as the log's `history` for it reaches. Entries that were for
   * everyone are not among them. At once, if it can.
   */
  readLast(room: Room, count: number): readonly LoggedEntry[] | Promise<readonly LoggedEntry[]>;
  /** Takes a seat, if it is there and its time is not over; one that is held, too. At once, if it can. */
  takeSeat(key: string): TakenSeat | undefined | Promise<TakenSeat | undefined>;
  /**
   * Keeps a seat: a new one with the generation 1, or again. With a generation older than that of the last who took it, it does nothing, and so do
   * the two below; so does a higher generation than 1 with a key that is unknown, as that seat has been dropped. An empty seat stays empty, and its
   * time goes on. A log may keep the very object, and look at it later: who saves it makes a new one for a change that must be seen together.
   */
  saveSeat(key: string, record: SeatRecord, generation: number): void;
  /** Nobody sits there from now on: if nobody takes it within the time of the log's `seatLifetimeMs`, it is forgotten. */
  vacateSeat(key: string, generation: number): void;
  /** Forgets a seat: its client won't come back. */
  dropSeat(key: string, generation: number): void;
  /** Calls back when all that was appended and saved before is committed, or has failed; at once, if it is. */
  whenCommitted(callback: () => void): void;
  /** Commits what was appended, and lets go of everything. */
  close(): Promise<void>;
}

/** What a log needs of the server. */
export interface LogHost {
  readonly clock: Clock;
  readonly random: Random;
  /** Milliseconds since 1970: what is kept must mean something after a restart. */
  wallTimeMs(): number;
  /** How long an empty seat is kept, in milliseconds. */
  readonly seatLifetimeMs: number;
  /** How many empty seats are kept, of all namespaces whose logs one factory makes; the one that was empty for longest goes first, whosever it is. */
  readonly maxVacantSeats: number;
  /**
   * What they take, in bytes, likewise all together. Roughly: what a seat is itself, and two bytes for each character of its `data` and of the names of its
   * rooms. A seat that alone takes more is not kept when nobody sits there.
   */
  readonly maxVacantSeatBytes: number;
  /** Something failed that nobody waits for. */
  onError(error: unknown): void;
}

/** Makes the log of a namespace; opens it, if it was there before. */
export type LogFactory = (namespace: string, host: LogHost) => Log;
