import type { Room } from "../adapter.ts";
import type { Log, LogEntry, LoggedEntry, LogPage } from "../log.ts";

/** A place in the log of a namespace: what was emitted before it, and what comes behind. */
export interface LogPosition {
  /** Of the log: it changes when history is lost. */
  readonly epoch: string;
  /** How far the log had come. */
  readonly offset: number;
}

/** What of a room's history is wanted: so many of the last, or all behind a position. */
export type WantedHistory =
  | { readonly last: number }
  | { readonly since: LogPosition; readonly atMost: number };

/** Called with entries of a room, in the turn in which there are no newer ones; undefined: not all that was wanted is known, or it is too much. */
type TakeHistory = (entries: readonly LogEntry[] | undefined) => void;
type Found = readonly LoggedEntry[] | undefined;

const PAGE_BYTES = 256 * 1024;

/** What was sent to rooms, for those who join: what is in the log, what is on its way there, and what comes while the log looks for it. */
export class RoomHistory {
  readonly #log: Log;
  readonly #uncommitted: () => readonly LogEntry[];
  readonly #onError: (error: unknown) => void;
  /** What has come for rooms while the log looks for what was before. */
  readonly #newer = new Map<Room, LogEntry[][]>();

  constructor(log: Log, uncommitted: () => readonly LogEntry[], onError: (error: unknown) => void) {
    this.#log = log;
    this.#uncommitted = uncommitted;
    this.#onError = onError;
  }

  /** Calls back once, at once if the log can; of the last ones with none that the log had, if it fails. */
  read(room: Room, wanted: WantedHistory, take: TakeHistory): void {
    const { head } = this.#log;
    const newer = this.#uncommitted().filter(({ rooms }) => rooms.includes(room));
    const give = (older: Found): void => {
      const all = older && [...older, ...newer];
      if ("last" in wanted) take(all?.slice(-wanted.last) ?? newer.slice(-wanted.last));
      else take(all !== undefined && all.length <= wanted.atMost ? all : undefined);
    };
    const found = this.#find(room, wanted);
    if (!(found instanceof Promise)) return give(found);
    const lists = this.#newer.get(room) ?? [];
    this.#newer.set(room, [...lists, newer]);
    void found
      .catch((error: unknown) => void this.#onError(error))
      .then((older) => {
        const others = this.#newer.get(room)!.filter((list) => list !== newer);
        if (others.length > 0) this.#newer.set(room, others);
        else this.#newer.delete(room);
        // It may have found what has come meanwhile, too.
        give(older?.filter(({ offset }) => offset <= head));
      })
      .catch(this.#onError);
  }

  /** One more is on its way into the log. */
  note(entry: LogEntry): void {
    if (this.#newer.size === 0) return;
    for (const room of entry.rooms) for (const list of this.#newer.get(room) ?? []) list.push(entry);
  }

  #find(room: Room, wanted: WantedHistory): Found | Promise<Found> {
    try {
      if ("last" in wanted) return this.#log.readLast(room, wanted.last);
      if (!this.#knows(wanted.since)) return undefined;
      return this.#readOn(room, wanted.since.offset, wanted, []);
    } catch (error) {
      this.#onError(error);
      return undefined;
    }
  }

  /** Whether nothing behind a position was dropped; it may come from a client, and be anything. */
  #knows(position: LogPosition | null): boolean {
    const { epoch, offset } = position ?? { epoch: undefined, offset: Number.NaN };
    const { head, tail } = this.#log;
    return epoch === this.#log.epoch && Number.isSafeInteger(offset) && offset >= tail && offset <= head;
  }

  /** All behind an offset, page by page; one more than is wanted is enough to know that it is too much. */
  #readOn(
    room: Room,
    from: number,
    wanted: { readonly since: LogPosition; readonly atMost: number },
    found: LoggedEntry[],
  ): Found | Promise<Found> {
    const { head } = this.#log;
    let after = from;
    while (after < head && found.length <= wanted.atMost) {
      const query = { after, upTo: head, rooms: [room], maxEntries: 1000, maxBytes: PAGE_BYTES };
      const page = this.#log.read(query);
      const add = ({ entries, upTo }: LogPage): number => {
        found.push(...entries.filter(({ rooms }) => rooms.includes(room)));
        return upTo;
      };
      if (page instanceof Promise) return page.then((read) => this.#readOn(room, add(read), wanted, found));
      after = add(page);
    }
    // What was dropped while it was read may be missing from the pages.
    return this.#knows(wanted.since) ? found : undefined;
  }
}
