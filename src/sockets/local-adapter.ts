import { PreparedMessage } from "../engine/index.ts";
import { encodeSocketPacket, type SocketPacket } from "../packets/index.ts";
import type { Adapter, BroadcastTarget, Member, Room } from "./adapter.ts";

const NO_ROOMS: ReadonlySet<Room> = new Set();
const DONE = Promise.resolve();

/** The rooms of one namespace in one process. */
export class LocalAdapter implements Adapter {
  /** A room exists as long as it has a member. */
  readonly #members = new Map<Room, Set<Member>>();
  readonly #rooms = new Map<Member, Set<Room>>();

  join(member: Member, rooms: readonly Room[]): Promise<void> {
    let joined = this.#rooms.get(member);
    if (joined === undefined) {
      joined = new Set();
      this.#rooms.set(member, joined);
    }
    for (const room of rooms) {
      joined.add(room);
      const members = this.#members.get(room);
      if (members === undefined) this.#members.set(room, new Set([member]));
      else members.add(member);
    }
    return DONE;
  }

  leave(member: Member, room: Room): Promise<void> {
    this.#rooms.get(member)?.delete(room);
    this.#remove(member, room);
    return DONE;
  }

  leaveAll(member: Member): Promise<void> {
    for (const room of this.roomsOf(member)) this.#remove(member, room);
    this.#rooms.delete(member);
    return DONE;
  }

  roomsOf(member: Member): ReadonlySet<Room> {
    return this.#rooms.get(member) ?? NO_ROOMS;
  }

  broadcast(packet: SocketPacket, target: BroadcastTarget): Promise<void> {
    const { text, attachments } = encodeSocketPacket(packet);
    const message = new PreparedMessage(text, attachments);
    for (const member of this.#select(target)) member.deliver(message, target.volatile);
    return DONE;
  }

  close(): Promise<void> {
    this.#members.clear();
    this.#rooms.clear();
    return DONE;
  }

  #select({ rooms, except }: BroadcastTarget): Iterable<Member> {
    if (except.size === 0) {
      if (rooms.size === 0) return this.#rooms.keys();
      if (rooms.size === 1) return this.#members.get([...rooms][0]!) ?? [];
    }
    const selected = new Set<Member>(rooms.size === 0 ? this.#rooms.keys() : []);
    for (const room of rooms) {
      for (const member of this.#members.get(room) ?? []) selected.add(member);
    }
    for (const room of except) {
      for (const member of this.#members.get(room) ?? []) selected.delete(member);
    }
    return selected;
  }

  #remove(member: Member, room: Room): void {
    const members = this.#members.get(room);
    if (members?.delete(member) === true && members.size === 0) this.#members.delete(room);
  }
}
