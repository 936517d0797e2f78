import type { SocketPacket } from "../packets/index.ts";
import type { PreparedMessage } from "../engine/index.ts";

/** The name of a room. */
export type Room = string;

/** Who gets a broadcast. */
export interface BroadcastTarget {
  /** The rooms whose members get it, each member once; none: everyone in the namespace. */
  readonly rooms: ReadonlySet<Room>;
  /** The rooms whose members don't get it. */
  readonly except: ReadonlySet<Room>;
  /** Members that can't take it right now are left out. */
  readonly volatile: boolean;
  /** Only members on this node. */
  readonly local: boolean;
}

/** A socket as its adapter sees it. */
export interface Member {
  readonly id: string;
  /** Sends a packet that was encoded once for all its receivers. */
  deliver(message: PreparedMessage, isVolatile: boolean): void;
}

/**
 * What a namespace needs of whoever keeps its rooms and spreads its broadcasts.
 *
 * Promises resolve when the whole cluster knows; on this node joining and leaving take effect before the call returns.
 */
export interface Adapter {
  /** Adds a member to rooms. */
  join(member: Member, rooms: readonly Room[]): Promise<void>;
  /** Takes a member out of a room. */
  leave(member: Member, room: Room): Promise<void>;
  /** Takes a member out of all its rooms. */
  leaveAll(member: Member): Promise<void>;
  /** The rooms of a member on this node. */
  roomsOf(member: Member): ReadonlySet<Room>;
  /** Sends a packet to all whom the target means. */
  broadcast(packet: SocketPacket, target: BroadcastTarget): Promise<void>;
  /** Lets go of everything. */
  close(): Promise<void>;
}

/** Makes the adapter of a namespace. */
export type AdapterFactory = (namespace: string) => Adapter;
