import type { AckedArguments, AckResult, EventMap, EventNames } from "../shared/events.ts";
import type { BroadcastTarget, Room } from "./adapter.ts";
import type { BroadcastChannel, BroadcastEnd } from "./broadcast-channel.ts";
import type { BroadcastArguments } from "./broadcast-events.ts";
import { RemoteSocket } from "./remote-socket.ts";
import { checkedRooms, roomList } from "./room-list.ts";

/**
 * Chooses who is meant, and says what is done to them. Each step returns a new one, so that a choice may be kept and used again.
 *
 * @example
 * io.to("room").except(socket.id).emit("news", "hello");
 */
export class BroadcastOperator<
  Events extends EventMap,
  // `any`: what users keep on a socket is theirs.
  // oxlint-disable-next-line typescript/no-explicit-any
  SocketData = any,
> {
  readonly #channel: BroadcastChannel;
  readonly #target: BroadcastTarget;
  readonly #timeoutMs: number | undefined;

  /** @internal Made by a server, a namespace, or a socket. */
  constructor(channel: BroadcastChannel, target: BroadcastTarget, timeoutMs?: number) {
    this.#channel = channel;
    this.#target = target;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Adds rooms: their members are meant, each once. A socket's id is a room of its own.
   *
   * @example
   * io.to("room-1").to(["room-2", "room-3"]).emit("news", "hello");
   */
  to(room: Room | readonly Room[]): BroadcastOperator<Events, SocketData> {
    return this.#with({ rooms: union(this.#target.rooms, room) });
  }

  /** Same as {@link to}. */
  in(room: Room | readonly Room[]): BroadcastOperator<Events, SocketData> {
    return this.to(room);
  }

  /** Leaves out the members of rooms. */
  except(room: Room | readonly Room[]): BroadcastOperator<Events, SocketData> {
    return this.#with({ except: union(this.#target.except, room) });
  }

  /** Leaves out sockets that can't take an event right now. */
  get volatile(): BroadcastOperator<Events, SocketData> {
    return this.#with({ volatile: true });
  }

  /** Means only the sockets on this node. */
  get local(): BroadcastOperator<Events, SocketData> {
    return this.#with({ local: true });
  }

  /** Whether events may be compressed on WebSockets, where that was agreed on; they may unless this is false. */
  compress(compress: boolean): BroadcastOperator<Events, SocketData> {
    return this.#with({ compress });
  }

  /**
   * Limits how long acknowledgements may take, in milliseconds.
   *
   * @example
   * io.timeout(5000).emit("ready?", (error, responses) => console.log(error, responses));
   */
  timeout(timeoutMs: number): BroadcastOperator<Events, SocketData> {
    return new BroadcastOperator(this.#channel, this.#target, timeoutMs);
  }

  /**
   * Sends an event to all who are meant; always true, as in Socket.IO. A function as the last argument is called once: with null
   * and the answers if all have answered; with an `AckError` and those that came if the time of {@link timeout} is over, or if some
   * have left or failed. Who has left is not waited for.
   *
   * Throws a `TypeError` for a reserved name or a value that JSON can't hold.
   */
  emit<Name extends EventNames<Events>>(name: Name, ...args: BroadcastArguments<Events, Name>): boolean {
    const list: readonly unknown[] = args;
    const last = list.at(-1);
    if (typeof last === "function") {
      this.#channel.ask(this.#target, name, list.slice(0, -1), this.#timeoutMs, last as BroadcastEnd);
    } else this.#channel.broadcast(this.#target, name, list);
    return true;
  }

  /**
   * Sends an event to all who are meant and waits for their acknowledgements. Rejects with an `AckError` whose `responses` are those that came
   * if the time of {@link timeout} is over, or if some have left or failed.
   *
   * @example
   * const scores = await io.to("players").timeout(1000).emitWithAck("score?");
   */
  emitWithAck<Name extends EventNames<Events>>(
    name: Name,
    ...args: AckedArguments<Events, Name>
  ): Promise<AckResult<Events, Name>[]> {
    return new Promise((resolve, reject) => {
      this.#channel.ask(this.#target, name, args, this.#timeoutMs, (error, responses) => {
        if (error === null) resolve(responses as AckResult<Events, Name>[]);
        else reject(error);
      });
    });
  }

  /**
   * Those who are meant, on every node.
   *
   * @example
   * for (const socket of await io.in("room").fetchSockets()) console.log(socket.id, socket.data);
   */
  async fetchSockets(): Promise<RemoteSocket<Events, SocketData>[]> {
    const found = await this.#channel.fetchMembers(this.#target);
    return found.map((member) => new RemoteSocket<Events, SocketData>(member));
  }

  /**
   * Has them join rooms: at once on this node. Resolves with how many they are when all nodes have done so; may be ignored, as what fails is
   * reported as well (`handler_error`). Throws a `TypeError` for a name that is no string.
   */
  socketsJoin(rooms: Room | readonly Room[]): Promise<number> {
    return this.#channel.joinMembers(this.#target, checkedRooms(rooms));
  }

  /** Has them leave rooms, in the way of {@link socketsJoin}. */
  socketsLeave(rooms: Room | readonly Room[]): Promise<number> {
    return this.#channel.leaveMembers(this.#target, roomList(rooms));
  }

  /** Makes them leave the namespace, in the way of {@link socketsJoin}; `close` ends their connections, with all their other namespaces. */
  disconnectSockets(close = false): Promise<number> {
    return this.#channel.disconnectMembers(this.#target, close);
  }

  #with(change: Partial<BroadcastTarget>): BroadcastOperator<Events, SocketData> {
    return new BroadcastOperator(this.#channel, { ...this.#target, ...change }, this.#timeoutMs);
  }
}

function union(rooms: ReadonlySet<Room>, more: Room | readonly Room[]): ReadonlySet<Room> {
  return new Set([...rooms, ...roomList(more)]);
}
