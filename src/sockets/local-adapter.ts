import { PreparedMessage } from "../engine/index.ts";
import { encodeSocketPacket, type SocketPacket } from "../packets/index.ts";
import {
  type Adapter,
  type AdapterHost,
  type BroadcastQuestion,
  type BroadcastTarget,
  DONE,
  type Member,
  type MemberDescription,
  type Room,
  type TakeAnswer,
} from "./adapter.ts";
import { type Few, itemsOf, onlyItem, withItem, withoutItem } from "./few.ts";
import { MapView } from "./map-view.ts";
import { RoomEmitter, type RoomEvents } from "./room-events.ts";

const NO_ROOMS: ReadonlySet<Room> = new Set();
/** Questions to many count down from here, those of one socket up from 0: they never meet, and 32 bits hold both. */
const FIRST_QUESTION = 2 ** 31 - 1;
/** Then they begin again; by then those of the same number are long over. */
const LAST_QUESTION = 2 ** 30;

/** The rooms of one namespace in one process. */
export class LocalAdapter implements Adapter {
  /** A room exists as long as it has a member. */
  readonly #members = new Map<Room, Few<Member>>();
  /** Everyone in the namespace, also who has left its own room and is in no other. */
  readonly #rooms = new Map<Member, Few<Room> | undefined>();
  #nextQuestion = FIRST_QUESTION;
  readonly #host: Pick<AdapterHost, "onError"> | undefined;
  /** There as soon as somebody has listened: nothing is found out that nobody hears. */
  #events: RoomEmitter | undefined;

  /** Without a host, what listeners for rooms throw is thrown out of the blue, as an uncaught exception. */
  constructor(_namespace?: string, host?: Pick<AdapterHost, "onError">) {
    this.#host = host;
  }

  get rooms(): ReadonlyMap<Room, ReadonlySet<string>> {
    const all = this.#members;
    return new MapView({
      size: all.size,
      get: (room) => (all.has(room) ? idsOf(all.get(room)) : undefined),
      entries: function* () {
        for (const [room, members] of all) yield [room, idsOf(members)] as const;
      },
    });
  }

  get sids(): ReadonlyMap<string, ReadonlySet<Room>> {
    const all = this.#rooms;
    return new MapView({
      size: all.size,
      get: (id) => {
        const member = this.#find(id);
        return member === undefined ? undefined : new Set(this.roomsOf(member));
      },
      entries: function* () {
        for (const [{ id }, rooms] of all) yield [id, new Set(itemsOf(rooms))] as const;
      },
    });
  }

  on<Name extends keyof RoomEvents>(name: Name, listener: RoomEvents[Name]): this {
    this.#emitter.on(name, listener);
    return this;
  }

  once<Name extends keyof RoomEvents>(name: Name, listener: RoomEvents[Name]): this {
    this.#emitter.once(name, listener);
    return this;
  }

  off<Name extends keyof RoomEvents>(name: Name, listener?: RoomEvents[Name]): this {
    this.#events?.off(name, listener);
    return this;
  }

  join(member: Member, rooms: readonly Room[]): Promise<void> {
    this.#add(member, rooms);
    return DONE;
  }

  leave(member: Member, room: Room): Promise<void> {
    this.#take(member, room);
    return DONE;
  }

  leaveAll(member: Member): Promise<void> {
    const rooms = itemsOf(this.#rooms.get(member));
    const left = this.#events === undefined ? [] : [...rooms];
    for (const room of rooms) this.#remove(member, room);
    this.#rooms.delete(member);
    for (const room of left) this.#tellLeft(member, room);
    return DONE;
  }

  roomsOf(member: Member): ReadonlySet<Room> {
    const rooms = this.#rooms.get(member);
    if (rooms === undefined) return NO_ROOMS;
    return rooms instanceof Set ? rooms : new Set(itemsOf(rooms));
  }

  membersOf(target: BroadcastTarget): Iterable<Member> {
    return this.#select(target);
  }

  broadcast(packet: SocketPacket, target: BroadcastTarget): Promise<void> {
    const message = prepare(packet, target.compress);
    for (const member of this.#select(target)) member.deliver(message, target.volatile, target.whenSlow);
    return DONE;
  }

  broadcastWithAck(packet: SocketPacket, target: BroadcastTarget, take: TakeAnswer): BroadcastQuestion {
    const id = this.#nextQuestion;
    const message = prepare({ ...packet, id }, target.compress);
    this.#nextQuestion = id === LAST_QUESTION ? FIRST_QUESTION : id - 1;
    const asked: Member[] = [];
    for (const member of this.#select(target)) {
      if (member.ask(message, id, target.volatile, take)) asked.push(member);
    }
    return {
      asked: Promise.resolve(asked.length),
      cancel: () => {
        for (const member of asked) member.forgetQuestion(id);
      },
    };
  }

  fetchMembers(target: BroadcastTarget): Promise<readonly MemberDescription[]> {
    const found = [...this.#select(target)];
    return Promise.resolve(found.map((member) => new LocalDescription(member, [...this.roomsOf(member)])));
  }

  joinMembers(target: BroadcastTarget, rooms: readonly Room[]): Promise<number> {
    return this.#forEach(target, (member) => this.#add(member, rooms));
  }

  leaveMembers(target: BroadcastTarget, rooms: readonly Room[]): Promise<number> {
    return this.#forEach(target, (member) => {
      for (const room of rooms) this.#take(member, room);
    });
  }

  disconnectMembers(target: BroadcastTarget, close: boolean): Promise<number> {
    return this.#forEach(target, (member) => member.disconnect(close));
  }

  sendToNodes(): Promise<void> {
    return DONE;
  }

  askNodes(): Promise<unknown[]> {
    return Promise.resolve([]);
  }

  nodeCount(): Promise<number> {
    return Promise.resolve(1);
  }

  close(): Promise<void> {
    this.#members.clear();
    this.#rooms.clear();
    return DONE;
  }

  #add(member: Member, rooms: readonly Room[]): void {
    const changes = this.#events === undefined ? undefined : this.#changesBy(member, rooms);
    let joined = this.#rooms.get(member);
    for (const room of rooms) {
      joined = withItem(joined, room);
      this.#members.set(room, withItem(this.#members.get(room), member));
    }
    this.#rooms.set(member, joined);
    member.onJoined(rooms);
    if (changes === undefined) return;
    for (const [room, isNew] of changes) {
      if (isNew) this.#events?.tell("create-room", room);
      this.#events?.tell("join-room", room, member.id);
    }
  }

  /** The rooms that a member is not in yet, and whether they are new. */
  #changesBy(member: Member, rooms: readonly Room[]): Map<Room, boolean> {
    const before = this.roomsOf(member);
    const added = rooms.filter((room) => !before.has(room));
    return new Map(added.map((room) => [room, !this.#members.has(room)]));
  }

  #take(member: Member, room: Room): void {
    const joined = this.#rooms.get(member);
    const wasIn = this.#events !== undefined && this.roomsOf(member).has(room);
    if (joined !== undefined) this.#rooms.set(member, withoutItem(joined, room));
    this.#remove(member, room);
    member.onLeft(room);
    if (wasIn) this.#tellLeft(member, room);
  }

  #tellLeft({ id }: Member, room: Room): void {
    this.#events?.tell("leave-room", room, id);
    if (!this.#members.has(room)) this.#events?.tell("delete-room", room);
  }

  get #emitter(): RoomEmitter {
    return (this.#events ??= new RoomEmitter((error) => {
      if (this.#host !== undefined) this.#host.onError(error);
      else {
        queueMicrotask(() => {
          throw error;
        });
      }
    }));
  }

  #forEach(target: BroadcastTarget, change: (member: Member) => void): Promise<number> {
    // A copy: who is walked is what is changed.
    const members = [...this.#select(target)];
    for (const member of members) change(member);
    return Promise.resolve(members.length);
  }

  /** Each member once. A set is made only where members of several rooms are meant, or left out. */
  #select({ rooms, except }: BroadcastTarget): Iterable<Member> {
    const meant = this.#membersOf(rooms);
    if (except.size === 0) return meant;
    if (except.size === 1) {
      // Mostly a sender is left out, by the room that holds only itself.
      const left = onlyItem(this.#members.get(first(except)));
      if (left !== undefined) return without(meant, left);
    }
    const selected = new Set(meant);
    for (const room of except) {
      for (const member of itemsOf(this.#members.get(room))) selected.delete(member);
    }
    return selected;
  }

  #membersOf(rooms: ReadonlySet<Room>): Iterable<Member> {
    if (rooms.size === 0) return this.#rooms.keys();
    if (rooms.size === 1) return itemsOf(this.#members.get(first(rooms)));
    const all = new Set<Member>();
    for (const room of rooms) {
      for (const member of itemsOf(this.#members.get(room))) all.add(member);
    }
    return all;
  }

  #find(id: string): Member | undefined {
    for (const member of itemsOf(this.#members.get(id))) if (member.id === id) return member;
    // Who has left its own room is not looked for among all: nobody asks for that, and many for ids that are not there.
    return undefined;
  }

  #remove(member: Member, room: Room): void {
    const left = withoutItem(this.#members.get(room), member);
    if (left === undefined) this.#members.delete(room);
    else this.#members.set(room, left);
  }
}

/** A member of this node: what it says is so when it is asked. */
class LocalDescription implements MemberDescription {
  readonly rooms: readonly Room[];
  readonly #member: Member;

  constructor(member: Member, rooms: readonly Room[]) {
    this.#member = member;
    this.rooms = rooms;
  }

  get id(): string {
    return this.#member.id;
  }

  get handshake(): Member["handshake"] {
    return this.#member.handshake;
  }

  get data(): unknown {
    return this.#member.data;
  }
}

function prepare(packet: SocketPacket, compress: boolean): PreparedMessage {
  const { text, attachments } = encodeSocketPacket(packet);
  return new PreparedMessage(text, attachments, compress);
}

function* without(members: Iterable<Member>, left: Member): Iterable<Member> {
  for (const member of members) if (member !== left) yield member;
}

/** Of a set that is not empty. */
function first(rooms: ReadonlySet<Room>): Room {
  return rooms.values().next().value!;
}

function idsOf(members: Few<Member> | undefined): ReadonlySet<string> {
  return new Set([...itemsOf(members)].map(({ id }) => id));
}
