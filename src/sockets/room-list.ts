import type { Room } from "./adapter.ts";

/** One room, or several, as a list. What is no room's name simply has no members, as in Socket.IO: `to(undefined)` means nobody. */
export function roomList(rooms: Room | readonly Room[]): readonly Room[] {
  return isList(rooms) ? rooms : [rooms];
}

/** The same of rooms to join. Throws a `TypeError` for what is no name: it often comes from clients. Code without types may use numbers. */
export function checkedRooms(rooms: Room | readonly Room[]): readonly Room[] {
  const list = roomList(rooms);
  for (const room of list as readonly unknown[]) {
    if (typeof room !== "string" && typeof room !== "number") {
      throw new TypeError(
        `The name of a room must be a string, not ${room === null ? "null" : typeof room}.`,
      );
    }
  }
  return list;
}

/** Throws a `RangeError` if somebody who is in some rooms would be in more than `max` with others. */
export function checkCount(now: ReadonlySet<Room>, others: readonly Room[], max: number): void {
  if (now.size + others.length <= max) return;
  const added = new Set(others.filter((room) => !now.has(room)));
  if (added.size > 0 && now.size + added.size > max) {
    throw new RangeError(`A socket is in at most ${max} rooms ("maxRoomsPerSocket").`);
  }
}

function isList(rooms: Room | readonly Room[]): rooms is readonly Room[] {
  return Array.isArray(rooms);
}
