import type { Room } from "../sockets/room.ts";
import type { LoggedEntry } from "../sockets/log.ts";
import type { ByteBudget, Holding } from "./byte-budget.ts";
import { Queue } from "./queue.ts";

/** An entry that is kept for one room, longer than the log keeps it. */
class Past implements Holding {
  older: Holding | undefined = undefined;
  newer: Holding | undefined = undefined;
  readonly entry: LoggedEntry;
  readonly bytes: number;
  readonly #history: RoomHistory;
  readonly #room: Room;

  constructor(history: RoomHistory, room: Room, entry: LoggedEntry, bytes: number) {
    this.#history = history;
    this.#room = room;
    this.entry = entry;
    this.bytes = bytes;
  }

  evict(): void {
    this.#history.shift(this.#room);
  }
}

/** The last entries of the rooms that want them, from when the log lets go of them. */
export class RoomHistory {
  readonly #budget: ByteBudget;
  readonly #rooms = new Map<Room, Queue<Past>>();

  constructor(budget: ByteBudget) {
    this.#budget = budget;
  }

  /** Keeps an entry, newer than all that the room has here, and not more than `count` of them. */
  add(room: Room, entry: LoggedEntry, bytes: number, count: number): void {
    let kept = this.#rooms.get(room);
    if (kept === undefined) this.#rooms.set(room, (kept = new Queue()));
    const past = new Past(this, room, entry, bytes);
    kept.push(past);
    this.#budget.add(past);
    this.trim(room, count);
  }

  /** Keeps not more than `count` of a room's entries. */
  trim(room: Room, count: number): void {
    for (let more = (this.#rooms.get(room)?.length ?? 0) - count; more > 0; more--) this.shift(room);
  }

  /** Lets go of the oldest entry of a room. */
  shift(room: Room): void {
    const kept = this.#rooms.get(room);
    const past = kept?.shift();
    if (past !== undefined) this.#budget.remove(past);
    if (kept?.length === 0) this.#rooms.delete(room);
  }

  /** The newest of a room's entries, not more than `count`, in order. */
  last(room: Room, count: number): LoggedEntry[] {
    const kept = this.#rooms.get(room);
    const entries: LoggedEntry[] = [];
    if (kept === undefined) return entries;
    for (let index = Math.max(0, kept.length - count); index < kept.length; index++) {
      entries.push(kept.at(index)!.entry);
    }
    return entries;
  }

  clear(): void {
    for (const room of [...this.#rooms.keys()]) this.trim(room, 0);
  }
}
