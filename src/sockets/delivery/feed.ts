import type { SocketPacket } from "../../packets/index.ts";
import type { Log, LogEntry, LogPage } from "../log.ts";
import type { SocketLink } from "../socket-link.ts";
import { type LoggedMessage, loggedPacket, type OffsetWire } from "./logged-message.ts";
import { SEAT_KEY, type SeatBase } from "./resume.ts";
import type { Seat } from "./seat.ts";
import type { Superseded } from "./superseded.ts";

/** How much is read from the log at a time, and sent before the client has taken it. */
const PAGE_ENTRIES = 256;
const PAGE_BYTES = 64 * 1024;

/** What a feed needs of its namespace. */
export interface FeedHost {
  readonly name: string;
  readonly log: Log;
  /** Up to here, everything that was committed has been sent to those who are live. */
  readonly reached: number;
  /** Beyond so many bytes that wait for a client, it is sent nothing more until it has taken them: then it is read from the log. */
  readonly pauseAboveBytes: number;
  /** What a client that is behind need not be sent. */
  readonly superseded: Superseded;
  /** The log could not be read. */
  onError(error: unknown): void;
}

/** Told once that catching up is over, and whether there was a gap: the log no longer had what was missed. */
export type CaughtUp = (isGap: boolean) => void;

/**
 * What one socket is sent from the log: live, each event as it is committed; or behind, pages that are read, each when the client has taken the one before.
 * Between the two there is no seam: both are the log, in order.
 */
export class Feed {
  readonly seat: Seat;
  readonly wire: OffsetWire;
  readonly link: SocketLink;
  readonly #host: FeedHost;
  /** Everything up to here was sent, or was not for it. */
  #offset = 0;
  #state: "new" | "live" | "behind" | "stopped" = "new";
  /** What is sent before all that is read. */
  #history: LogEntry[] = [];
  /** How much of that there is, or will be. */
  #promised = 0;

  constructor(seat: Seat, wire: OffsetWire, link: SocketLink, host: FeedHost) {
    this.seat = seat;
    this.wire = wire;
    this.link = link;
    this.#host = host;
  }

  /** Everything up to here was sent, or was not for it. */
  get sent(): number {
    return this.#state === "live" ? this.#host.reached : this.#offset;
  }

  /** Is live from now on: nothing up to `offset` is missing. */
  begin(offset: number): void {
    if (this.#state === "stopped") return;
    this.#offset = offset;
    this.#state = "live";
  }

  /** Sends what is behind an offset, and is live then. */
  catchUp(offset: number, caughtUp: CaughtUp): void {
    if (this.#state === "stopped") return;
    this.#offset = offset;
    this.#state = "behind";
    this.#readOn(caughtUp);
  }

  /** Sends a packet at once, whatever waits for its commit: before all that the feed sends from now on. */
  send(packet: SocketPacket): void {
    this.link.send(packet);
  }

  /** Tells a client that knows of gaps that it goes on behind the newest offset. */
  tellGap(): void {
    const { name, log } = this.#host;
    const base: SeatBase = { epoch: log.epoch, offset: this.sent, sequence: this.seat.sequence };
    this.link.send({ type: "connect", namespace: name, id: undefined, data: { [SEAT_KEY]: base } });
  }

  /** Something was for it that is not in the log. */
  lose(): void {
    // Who is about to come back is told when it goes on.
    if (this.#state === "live" || this.#state === "behind") this.#onLateGap();
  }

  /** Sends an event that was committed, if it is live; else it will be read. */
  deliver(message: LoggedMessage): void {
    const { offset, whenSlow } = message;
    const isLive = this.#state === "live" && offset > this.#offset;
    if (!isLive && whenSlow === undefined) return;
    const { pauseAboveBytes } = this.#host;
    const limit = whenSlow === undefined ? pauseAboveBytes : Math.min(whenSlow.aboveBytes, pauseAboveBytes);
    if (this.link.bufferedBytes > limit) {
      if (whenSlow !== undefined && whenSlow.lane === undefined) this.link.endSession();
      else if (isLive) this.#pause(offset - 1);
      return;
    }
    if (!isLive) return;
    this.#offset = offset;
    const { isForOne, mayCompress } = message;
    if (isForOne) this.link.sendEncoded(message.packet(this.wire), mayCompress);
    else this.link.sendPrepared(message.on(this.wire));
  }

  /** So much of a room's history will come. A client for which more than `most` would wait, as it does not take it, is cut off: false. */
  promiseHistory(count: number, most: number): boolean {
    this.#promised += count;
    if (this.#promised <= most) return true;
    this.link.endSession();
    return false;
  }

  /** Sends what was promised, without offsets of their own, before all that comes later; slowly, if the client is slow. */
  sendHistory(entries: readonly LogEntry[]): void {
    if (this.#state === "stopped") return;
    this.seat.beginHistory(this.#host.reached);
    this.#history = this.#history.concat(entries);
    if (this.#state !== "live") return;
    this.#offset = this.#host.reached;
    this.#state = "behind";
    this.#readOn((isGap) => isGap && this.#onLateGap());
  }

  /** Sends nothing more. */
  stop(): void {
    this.#state = "stopped";
    this.#history = [];
  }

  #pause(offset: number): void {
    this.#state = "behind";
    this.#offset = offset;
    this.link.whenDrained((isOver) => isOver || this.#readOn((isGap) => isGap && this.#onLateGap()));
  }

  /** A client of Socket.IO can't be told: it comes back, and gets a new seat. */
  #onLateGap(): void {
    if (this.wire === "numbered") this.tellGap();
    else this.link.endSession();
  }

  /** The client comes back, and asks once more. */
  #fail(error: unknown): void {
    this.#host.onError(error);
    this.stop();
    this.link.endSession();
  }

  /** Whether the log, or the seat, no longer knows all that is behind. */
  get #isGap(): boolean {
    return this.#offset < Math.max(this.#host.log.tail, this.seat.knownSince);
  }

  /** Reads and sends until nothing is left, or the client has enough for now. */
  #readOn(caughtUp: CaughtUp): void {
    while (this.#state === "behind") {
      if (this.#history.length > 0) {
        this.#sendSomeHistory();
        if (this.#history.length === 0) continue;
        this.link.whenDrained((isOver) => isOver || this.#readOn(caughtUp));
        return;
      }
      if (this.#isGap) {
        this.begin(this.#host.reached);
        caughtUp(true);
        return;
      }
      if (this.#offset >= this.#host.reached) {
        this.#state = "live";
        caughtUp(false);
        return;
      }
      if (this.link.bufferedBytes > PAGE_BYTES) {
        this.link.whenDrained((isOver) => isOver || this.#readOn(caughtUp));
        return;
      }
      const page = this.#read();
      if (page === undefined) return;
      if (page instanceof Promise) {
        page
          .then((read) => {
            // What was dropped meanwhile may be missing from the page.
            if (!this.#isGap) this.#send(read);
            this.#readOn(caughtUp);
          })
          .catch((error: unknown) => this.#fail(error));
        return;
      }
      this.#send(page);
    }
  }

  /** As much as the client takes for now. */
  #sendSomeHistory(): void {
    const { name, log, pauseAboveBytes } = this.#host;
    // A client of Socket.IO takes what comes last in an event for an offset, whatever it is.
    const wire = this.wire === "trailing" ? "trailing" : "none";
    let count = 0;
    while (count < this.#history.length && this.link.bufferedBytes <= pauseAboveBytes) {
      const entry = this.#history[count++]!;
      this.link.sendEncoded(loggedPacket(name, log.epoch, this.#offset, entry, wire), false);
    }
    this.#promised -= count;
    this.#history = this.#history.slice(count);
    if (this.#history.length === 0) this.seat.endHistory();
  }

  /** The next page; undefined if the log can't be read: then that was said. */
  #read(): LogPage | Promise<LogPage> | undefined {
    const { log, reached } = this.#host;
    try {
      return log.read({
        after: this.#offset,
        upTo: reached,
        rooms: this.seat.roomsEver,
        maxEntries: PAGE_ENTRIES,
        maxBytes: PAGE_BYTES,
      });
    } catch (error) {
      this.#fail(error);
      return undefined;
    }
  }

  #send({ entries, upTo }: LogPage): void {
    if (this.#state !== "behind") return;
    const { name, log, superseded } = this.#host;
    // Not compressed: the log does not say of which events that was not wanted.
    for (const entry of entries) {
      if (!this.seat.isFor(entry, entry.offset) || superseded.has(entry.offset)) continue;
      this.link.sendEncoded(loggedPacket(name, log.epoch, entry.offset, entry, this.wire), false);
    }
    this.#offset = upTo;
  }
}
