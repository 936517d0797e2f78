import type { PreparedMessage } from "../engine/index.ts";
import type { SocketPacket } from "../packets/index.ts";
import type { WhenSlow } from "./backpressure/when-slow.ts";
import type { LoggedMessage } from "./delivery/logged-message.ts";
import type { Handshake } from "./handshake.ts";
import type { RoomEvents } from "./room-events.ts";
import type { Room } from "./room.ts";

export type { Room } from "./room.ts";

/** What is done already, and can't fail: who gets this one need not watch it. */
export const DONE: Promise<void> = Promise.resolve();

/** Whom a broadcast, or a change of rooms, means. */
export interface BroadcastTarget {
  /** The rooms whose members are meant, each member once; none: everyone in the namespace. */
  readonly rooms: ReadonlySet<Room>;
  /** The rooms whose members are not meant. */
  readonly except: ReadonlySet<Room>;
  /** Members that can't take a message right now are left out. */
  readonly volatile: boolean;
  /** False: what is sent is not compressed, whatever a client has agreed on. */
  readonly compress: boolean;
  /** Only members on this node. */
  readonly local: boolean;
  /** What becomes of it for members that do not keep up; undefined: it waits for them. */
  readonly whenSlow: WhenSlow | undefined;
}

/** Told of each answer to a question: its first argument, or the error that came, or the member that left, instead. */
export type TakeAnswer = (error: Error | null, value?: unknown) => void;

/** A socket as its adapter sees it. */
export interface Member {
  readonly id: string;
  /** Made when it is looked at. */
  readonly handshake: Handshake;
  /** What the application keeps on it. */
  readonly data: unknown;
  /** Sends a packet that was encoded once for all its receivers. */
  deliver(message: PreparedMessage, isVolatile: boolean, whenSlow?: WhenSlow): void;
  /** Sends an event of the log, unless the member will read it there. */
  deliverLogged(message: LoggedMessage): void;
  /** By which its client comes back to what it has missed; undefined: it does not. */
  readonly seatKey: string | undefined;
  /** It is in these rooms now, too; said of those that it was in already as well. */
  onJoined(rooms: readonly Room[]): void;
  /** It is no longer in this room; not said when it leaves all of them. */
  onLeft(room: Room): void;
  /**
   * Sends a packet that asks for an acknowledgement under `id`; `take` is told once. False if the member is left out: then nobody is.
   */
  ask(message: PreparedMessage, id: number, isVolatile: boolean, take: TakeAnswer): boolean;
  /** No longer waits for the answer to a question. */
  forgetQuestion(id: number): void;
  /** Makes the client leave the namespace; `close` ends its connection. */
  disconnect(close: boolean): void;
}

/** A socket of any node, as others see it. */
export interface MemberDescription {
  readonly id: string;
  readonly handshake: Handshake;
  readonly rooms: readonly Room[];
  readonly data: unknown;
}

/** A question to many, on its way. */
export interface BroadcastQuestion {
  /** How many are asked, over all nodes. No answer is counted as the last one before it is known. */
  readonly asked: Promise<number>;
  /** Lets go of those who have not answered. */
  cancel(): void;
}

/** A namespace as its adapter sees it. */
export interface AdapterHost {
  /** Other nodes have sent this; if they wait for an answer, `answer` takes it, once. */
  receiveFromNode(args: readonly unknown[], answer?: (value: unknown) => void): void;
  /** Something failed that no promise tells of. */
  onError(error: unknown): void;
}

/**
 * What a namespace needs of whoever keeps its rooms, and spreads what is done to their members.
 *
 * On this node everything takes effect before the call returns; the promises are for the other nodes. The server waits for none of them before it
 * goes on, and reports those that are rejected. The suite that every adapter passes is `adapterSuite` of `switchboard/testing`.
 */
export interface Adapter {
  /** Every room that has a member on this node, with the ids of those members. */
  readonly rooms: ReadonlyMap<Room, ReadonlySet<string>>;
  /** Every member on this node, by id, with its rooms. */
  readonly sids: ReadonlyMap<string, ReadonlySet<Room>>;
  /**
   * Listens to what happens to rooms on this node: `create-room`, `join-room`, `leave-room`, `delete-room`. What listeners throw goes to the host.
   *
   * @example
   * io.of("/").adapter.on("join-room", (room, id) => console.log(`${id} is in ${room}`));
   */
  on<Name extends keyof RoomEvents>(name: Name, listener: RoomEvents[Name]): unknown;
  /** The same for one call. */
  once<Name extends keyof RoomEvents>(name: Name, listener: RoomEvents[Name]): unknown;
  /** Listens no more; without a listener, none does. */
  off<Name extends keyof RoomEvents>(name: Name, listener?: RoomEvents[Name]): unknown;
  /** Adds a member to rooms; the first of them is its own, named by its id, and makes it one of the namespace. */
  join(member: Member, rooms: readonly Room[]): Promise<void>;
  /** Takes a member out of a room. */
  leave(member: Member, room: Room): Promise<void>;
  /** Takes a member out of all its rooms, and of the namespace. */
  leaveAll(member: Member): Promise<void>;
  /** The rooms of a member on this node, as they are now. */
  roomsOf(member: Member): ReadonlySet<Room>;
  /** Those on this node whom the target means, each once: as of now, if they are walked at once. */
  membersOf(target: BroadcastTarget): Iterable<Member>;
  /** Sends a packet to all whom the target means. Throws, or rejects, for one that can't be encoded. */
  broadcast(packet: SocketPacket, target: BroadcastTarget): Promise<void>;
  /** Asks all whom the target means; the adapter chooses the id. Throws for a packet that can't be encoded. */
  broadcastWithAck(packet: SocketPacket, target: BroadcastTarget, take: TakeAnswer): BroadcastQuestion;
  /** Describes all whom the target means. */
  fetchMembers(target: BroadcastTarget): Promise<readonly MemberDescription[]>;
  /** Adds them to rooms; resolves with how many they are. */
  joinMembers(target: BroadcastTarget, rooms: readonly Room[]): Promise<number>;
  /** Takes them out of rooms; resolves with how many they are. */
  leaveMembers(target: BroadcastTarget, rooms: readonly Room[]): Promise<number>;
  /** Makes them leave the namespace, or ends their connections; resolves with how many they are. */
  disconnectMembers(target: BroadcastTarget, close: boolean): Promise<number>;
  /** Tells the other nodes something. */
  sendToNodes(args: readonly unknown[]): Promise<void>;
  /** Asks the other nodes; resolves with their answers. Rejects if one has not answered within `timeoutMs`. */
  askNodes(args: readonly unknown[], timeoutMs: number): Promise<unknown[]>;
  /** How many nodes there are, with this one. */
  nodeCount(): Promise<number>;
  /** Lets go of everything. */
  close(): Promise<void>;
}

/** Makes the adapter of a namespace. */
export type AdapterFactory = (namespace: string, host: AdapterHost) => Adapter;
