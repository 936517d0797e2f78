import type {
  BroadcastQuestion,
  BroadcastTarget,
  Member,
  MemberDescription,
  Room,
  TakeAnswer,
} from "../../src/sockets/adapter.ts";
import { LocalAdapter } from "../../src/sockets/local-adapter.ts";
import type { SocketPacket } from "../../src/packets/index.ts";

const NOBODY: ReadonlySet<Room> = new Set();

class IgnoresExcept extends LocalAdapter {
  override broadcast(packet: SocketPacket, target: BroadcastTarget): Promise<void> {
    return super.broadcast(packet, { ...target, except: NOBODY });
  }
}

class KeepsWhoLeaves extends LocalAdapter {
  override leave(): Promise<void> {
    return Promise.resolve();
  }
}

class DeliversOncePerRoom extends LocalAdapter {
  override async broadcast(packet: SocketPacket, target: BroadcastTarget): Promise<void> {
    if (target.rooms.size < 2) return super.broadcast(packet, target);
    for (const room of target.rooms) void super.broadcast(packet, { ...target, rooms: new Set([room]) });
  }
}

class SwapsTheOrder extends LocalAdapter {
  #held: (() => Promise<void>) | undefined;

  override async broadcast(packet: SocketPacket, target: BroadcastTarget): Promise<void> {
    const send = (): Promise<void> => super.broadcast(packet, target);
    if (this.#held === undefined) {
      this.#held = send;
      return;
    }
    const held = this.#held;
    this.#held = undefined;
    await send();
    await held();
  }
}

class KeepsARoomOfTheGone extends LocalAdapter {
  override leaveAll(member: Member): Promise<void> {
    const [last] = [...this.roomsOf(member)].toReversed();
    void super.leaveAll(member);
    return last === undefined || last === member.id ? Promise.resolve() : this.join(member, [last]);
  }
}

class IgnoresVolatile extends LocalAdapter {
  override broadcast(packet: SocketPacket, target: BroadcastTarget): Promise<void> {
    return super.broadcast(packet, { ...target, volatile: false });
  }
}

class CountsOneLess extends LocalAdapter {
  override broadcastWithAck(
    packet: SocketPacket,
    target: BroadcastTarget,
    take: TakeAnswer,
  ): BroadcastQuestion {
    const { asked, cancel } = super.broadcastWithAck(packet, target, take);
    return { asked: asked.then((count) => Math.max(0, count - 1)), cancel };
  }
}

class ForgetsARoom extends LocalAdapter {
  override joinMembers(target: BroadcastTarget, rooms: readonly Room[]): Promise<number> {
    return super.joinMembers(target, rooms.slice(0, 1));
  }
}

class FindsEveryone extends LocalAdapter {
  override fetchMembers(target: BroadcastTarget): Promise<readonly MemberDescription[]> {
    return super.fetchMembers({ ...target, rooms: NOBODY });
  }
}

class DisconnectsTheExcepted extends LocalAdapter {
  override disconnectMembers(target: BroadcastTarget, close: boolean): Promise<number> {
    return super.disconnectMembers({ ...target, except: NOBODY }, close);
  }
}

/** Adapters with one fault each, by what they do wrong: whatever proves adapters right must catch them. */
export const BROKEN_ADAPTERS: Readonly<Record<string, new () => LocalAdapter>> = {
  "ignores except": IgnoresExcept,
  "keeps who leaves a room": KeepsWhoLeaves,
  "delivers twice to who is in two rooms": DeliversOncePerRoom,
  "swaps the order": SwapsTheOrder,
  "keeps a room of those who are gone": KeepsARoomOfTheGone,
  "ignores volatile": IgnoresVolatile,
  "counts one less than it asks": CountsOneLess,
  "joins one room only of several": ForgetsARoom,
  "finds those who are not meant": FindsEveryone,
  "disconnects those who are not meant": DisconnectsTheExcepted,
};
