import type { Room } from "../sockets/room.ts";
import { Queue } from "./queue.ts";

/** The offsets of one room's entries, in order. Most rooms have one: it stands for itself. */
type Offsets = number | Queue<number>;

/** Which entries are for which room. An entry comes behind all others, and goes before them. */
export class RoomIndex {
  readonly #rooms = new Map<Room, Offsets>();
  readonly #everyone = new Queue<number>();

  /** How many rooms have entries. */
  get roomCount(): number {
    return this.#rooms.size;
  }

  /** Adds the newest entry. */
  add(offset: number, rooms: readonly Room[]): void {
    if (rooms.length === 0) this.#everyone.push(offset);
    else for (const room of rooms) this.#addTo(room, offset);
  }

  /** Takes out the oldest entry. */
  removeFirst(offset: number, rooms: readonly Room[]): void {
    if (rooms.length === 0) this.#everyone.shift();
    else for (const room of rooms) this.#removeFrom(room, offset);
  }

  /** How many entries a room has. */
  count(room: Room): number {
    const found = this.#rooms.get(room);
    if (found === undefined) return 0;
    return typeof found === "number" ? 1 : found.length;
  }

  /** The offsets of a room's newest entries, not more than `count`, in order. */
  last(room: Room, count: number): number[] {
    const found = this.#rooms.get(room);
    if (found === undefined || count < 1) return [];
    if (typeof found === "number") return [found];
    const offsets: number[] = [];
    for (let index = Math.max(0, found.length - count); index < found.length; index++) {
      offsets.push(found.at(index)!);
    }
    return offsets;
  }

  /** The offsets behind `after` of entries for everyone or for one of `rooms`, in order, each once, as long as `take` wants more. */
  walk(after: number, rooms: Iterable<Room>, take: (offset: number) => boolean): void {
    const cursors = new Cursors();
    cursors.open(this.#everyone, after);
    for (const room of rooms) {
      const found = this.#rooms.get(room);
      if (found !== undefined) cursors.open(found, after);
    }
    let previous = after;
    for (let next = cursors.next(); next !== undefined; next = cursors.next()) {
      if (next === previous) continue;
      if (!take(next)) return;
      previous = next;
    }
  }

  #addTo(room: Room, offset: number): void {
    const found = this.#rooms.get(room);
    if (found === undefined) {
      this.#rooms.set(room, offset);
    } else if (typeof found !== "number") {
      if (found.last !== offset) found.push(offset);
    } else if (found !== offset) {
      const queue = new Queue<number>();
      queue.push(found);
      queue.push(offset);
      this.#rooms.set(room, queue);
    }
  }

  #removeFrom(room: Room, offset: number): void {
    const found = this.#rooms.get(room);
    if (found === offset) {
      this.#rooms.delete(room);
    } else if (found instanceof Queue && found.first === offset) {
      found.shift();
      if (found.length === 0) this.#rooms.delete(room);
    }
  }
}

interface Cursor {
  readonly offsets: Queue<number> | undefined;
  index: number;
  offset: number;
}

/** Places in several rooms: a heap, so that the lowest is found in time that many rooms hardly lengthen. */
class Cursors {
  readonly #heap: Cursor[] = [];

  open(offsets: Offsets, after: number): void {
    if (typeof offsets === "number") {
      if (offsets > after) this.#rise({ offsets: undefined, index: 0, offset: offsets });
      return;
    }
    const index = indexAfter(offsets, after);
    if (index < offsets.length) this.#rise({ offsets, index, offset: offsets.at(index)! });
  }

  /** The lowest offset of all, once for each room that it is in. */
  next(): number | undefined {
    const first = this.#heap[0];
    if (first === undefined) return undefined;
    const { offset } = first;
    const following = first.offsets?.at(++first.index);
    if (following !== undefined) {
      first.offset = following;
      this.#sink(first);
    } else {
      const last = this.#heap.pop()!;
      if (last !== first) this.#sink(last);
    }
    return offset;
  }

  #rise(cursor: Cursor): void {
    let place = this.#heap.length;
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (this.#heap[above]!.offset <= cursor.offset) break;
      this.#heap[place] = this.#heap[above]!;
      place = above;
    }
    this.#heap[place] = cursor;
  }

  /** Puts one at the top, and lets it sink to its place. */
  #sink(cursor: Cursor): void {
    const heap = this.#heap;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      if (below + 1 < heap.length && heap[below + 1]!.offset < heap[below]!.offset) below++;
      if (below >= heap.length || heap[below]!.offset >= cursor.offset) break;
      heap[place] = heap[below]!;
      place = below;
    }
    heap[place] = cursor;
  }
}

/** Where the first offset behind `after` is: a binary search. */
function indexAfter(offsets: Queue<number>, after: number): number {
  let [low, high] = [0, offsets.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (offsets.at(middle)! > after) high = middle;
    else low = middle + 1;
  }
  return low;
}
