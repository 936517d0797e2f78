import { encodeBody } from "../../packets/index.ts";
import type { Member } from "../adapter.ts";
import type { WhenSlow } from "../backpressure/when-slow.ts";
import type { Appending, Log, LogEntry } from "../log.ts";
import { type CommitQueue, Pending } from "./commit-queue.ts";
import { LoggedMessage } from "./logged-message.ts";
import type { Superseded } from "./superseded.ts";

/** Who is sent what was committed. */
export type Receiver = Pick<Member, "deliverLogged" | "seatKey">;

/** Who is meant: they, or those who are found when it is sent. */
export type Receivers = readonly Receiver[] | (() => Iterable<Receiver>);

/** Where something is published. */
export interface Publisher {
  readonly name: string;
  readonly log: Log;
  readonly superseded: Superseded;
  /** What was for these could not be kept. */
  onLost(receivers: Iterable<Receiver>, error: unknown): void;
}

/** An event on its way into the log, and from there to its receivers. */
export class Publication extends Pending implements Appending {
  offset: number | undefined;
  readonly #publisher: Publisher;
  readonly #queue: CommitQueue;
  readonly entry: LogEntry;
  readonly #compress: boolean;
  readonly #whenSlow: WhenSlow | undefined;
  #to: Receivers;
  #isSent = false;

  constructor(
    publisher: Publisher,
    queue: CommitQueue,
    entry: LogEntry,
    to: Receivers,
    compress: boolean,
    whenSlow: WhenSlow | undefined,
  ) {
    super();
    this.#publisher = publisher;
    this.#queue = queue;
    this.entry = entry;
    this.#to = to;
    this.#compress = compress;
    this.#whenSlow = whenSlow;
  }

  /** If it must wait, it is for those who are meant now, not for those who would be meant then. */
  chooseUnlessSent(): void {
    const to = this.#to;
    if (typeof to === "function" && !this.#isSent && this.offset !== 0) this.#to = [...to()];
  }

  onCommitted(offset: number): void {
    this.offset = offset;
    this.#queue.advance();
  }

  onFailed(error: unknown): void {
    this.offset = 0;
    this.#publisher.onLost(this.#receivers, error);
    this.#queue.advance();
  }

  send(): void {
    this.#isSent = true;
    const { name, log, superseded } = this.#publisher;
    const whenSlow = this.#whenSlow;
    if (whenSlow?.lane !== undefined) superseded.note(whenSlow.lane, this.offset!, log.tail);
    const to = this.#receivers;
    const isForOne = Array.isArray(to) && to.length === 1;
    const message = new LoggedMessage(
      name,
      log.epoch,
      this.offset!,
      this.entry,
      this.#compress,
      whenSlow,
      isForOne,
    );
    for (const member of to) member.deliverLogged(message);
  }

  get #receivers(): Iterable<Receiver> {
    return typeof this.#to === "function" ? this.#to() : this.#to;
  }
}

/** A packet as a log keeps it. Throws for one that can't be encoded. */
export function entryOf(
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

/** What an entry carries, roughly. */
export function contentBytes({ body, attachments }: LogEntry): number {
  let bytes = body.length;
  for (const { byteLength } of attachments) bytes += byteLength;
  return bytes;
}

/** The same once more, for others. */
export function copyOf({ type, id, body, attachments }: LogEntry, rooms: readonly string[]): LogEntry {
  return { type, id, rooms, except: [], body, attachments };
}
