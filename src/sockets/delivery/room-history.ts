import type { Room } from "../adapter.ts";
import type { Log, LogEntry } from "../log.ts";

/** Called with the newest entries of a room, in the turn in which there are no newer ones. */
type TakeHistory = (entries: readonly LogEntry[]) => void;

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

  /** Calls back once, at once if the log can: with no more than `count`; with none that the log had, if it fails. */
  read(room: Room, count: number, take: TakeHistory): void {
    const { head } = this.#log;
    const newer = this.#uncommitted().filter(({ rooms }) => rooms.includes(room));
    const found = this.#readLast(room, count);
    if (!(found instanceof Promise)) return take([...found, ...newer].slice(-count));
    const lists = this.#newer.get(room) ?? [];
    this.#newer.set(room, [...lists, newer]);
    void found
      .catch((error: unknown) => {
        this.#onError(error);
        return [];
      })
      .then((older) => {
        const others = this.#newer.get(room)!.filter((list) => list !== newer);
        if (others.length > 0) this.#newer.set(room, others);
        else this.#newer.delete(room);
        // It may have found what has come meanwhile, too.
        take([...older.filter(({ offset }) => offset <= head), ...newer].slice(-count));
      })
      .catch(this.#onError);
  }

  /** One more is on its way into the log. */
  note(entry: LogEntry): void {
    if (this.#newer.size === 0) return;
    for (const room of entry.rooms) for (const list of this.#newer.get(room) ?? []) list.push(entry);
  }

  #readLast(room: Room, count: number): ReturnType<Log["readLast"]> {
    try {
      return this.#log.readLast(room, count);
    } catch (error) {
      this.#onError(error);
      return [];
    }
  }
}
