import { encodeSocketPacket, type SocketPacket } from "../packets/index.ts";
import type { Room } from "./adapter.ts";
import type { WantedHistory } from "./delivery/room-history.ts";

/** What middleware of a namespace does with a socket that has not joined yet: it is done when it joins, and else forgotten. */
export class EarlyWork {
  readonly rooms: Set<Room>;
  readonly packets: SocketPacket[] = [];
  /** Of which rooms it wants how much of what was before. */
  readonly histories: Map<Room, WantedHistory> = new Map();

  /** A socket's own room is the first, unless it has come back, and was in other ones. */
  constructor(id: string, rooms: readonly Room[] = [id]) {
    this.rooms = new Set(rooms);
  }

  join(rooms: readonly Room[]): void {
    for (const room of rooms) this.rooms.add(room);
  }

  /** Throws now for what could not be encoded then. */
  send(packet: SocketPacket): void {
    encodeSocketPacket(packet);
    this.packets.push(packet);
  }
}
