import type { RoomSummary } from "../shared/contract.ts";
import { DEFAULT_ROOMS } from "../shared/limits.ts";
import { MAX_ROOMS } from "./limits.ts";
import { Room } from "./room.ts";

/** All rooms of a server, at most `MAX_ROOMS`, least recently used first. */
export class Rooms {
  readonly #rooms = new Map<string, Room>();

  constructor() {
    for (const name of DEFAULT_ROOMS) this.#rooms.set(name, new Room(name));
  }

  /** The room of that name, made if need be; undefined when every place is taken by a room with people in it. */
  open(name: string): Room | undefined {
    const room = this.#rooms.get(name) ?? this.#make(name);
    if (room === undefined) return undefined;
    this.#rooms.delete(name);
    this.#rooms.set(name, room);
    return room;
  }

  /** The rooms worth showing: those that are always there, then those with people, busiest first. */
  summaries(): RoomSummary[] {
    const defaults: RoomSummary[] = DEFAULT_ROOMS.map((name) => ({
      name,
      people: this.#rooms.get(name)?.size ?? 0,
    }));
    const others: RoomSummary[] = [];
    for (const room of this.#rooms.values()) {
      if (room.size > 0 && !isDefault(room.name)) others.push({ name: room.name, people: room.size });
    }
    others.sort((a, b) => b.people - a.people || (a.name < b.name ? -1 : 1));
    return [...defaults, ...others];
  }

  #make(name: string): Room | undefined {
    if (this.#rooms.size >= MAX_ROOMS && !this.#dropOne()) return undefined;
    return new Room(name);
  }

  #dropOne(): boolean {
    for (const room of this.#rooms.values()) {
      if (room.size === 0 && !isDefault(room.name)) return this.#rooms.delete(room.name);
    }
    return false;
  }
}

function isDefault(name: string): boolean {
  return (DEFAULT_ROOMS as readonly string[]).includes(name);
}
