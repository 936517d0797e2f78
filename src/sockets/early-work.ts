import { encodeSocketPacket, type SocketPacket } from "../packets/index.ts";
import type { Room } from "./adapter.ts";

/** What middleware of a namespace does with a socket that has not joined yet: it is done when it joins, and else forgotten. */
export class EarlyWork {
  readonly rooms: Set<Room>;
  readonly packets: SocketPacket[] = [];

  /** A socket's own room is the first. */
  constructor(id: string) {
    this.rooms = new Set([id]);
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
