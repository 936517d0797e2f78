import type {
  AckedArguments,
  AckResult,
  EventArguments,
  EventMap,
  EventNames,
  WithAckErrors,
} from "../shared/events.ts";
import { type EmitFlags, FlaggedEmitter } from "../shared/flagged-emitter.ts";
import type { AckCallback } from "../shared/pending-acks.ts";
import type { BroadcastTarget, Room } from "./adapter.ts";
import { BroadcastAckError } from "./broadcast-acks.ts";
import { EVERYONE, type FoundMember } from "./broadcast-channel.ts";
import type { Handshake } from "./handshake.ts";
import { checkedRooms, roomList } from "./room-list.ts";

const NO_FLAGS: EmitFlags = {};

/**
 * A socket of any node, as `fetchSockets` found it: what it says of itself was so then (on this node, is so now).
 *
 * @example
 * for (const socket of await io.fetchSockets()) if (socket.data.banned) socket.disconnect(true);
 */
export class RemoteSocket<
  EmitEvents extends EventMap,
  // `any`: what users keep on a socket is theirs.
  // oxlint-disable-next-line typescript/no-explicit-any
  SocketData = any,
> {
  readonly #member: FoundMember;

  /** @internal Made by `fetchSockets`. */
  constructor(member: FoundMember) {
    this.#member = member;
  }

  get id(): string {
    return this.#member.description.id;
  }

  get handshake(): Handshake {
    return this.#member.description.handshake;
  }

  /** The rooms that it is in; its own id is one of them. A copy. */
  get rooms(): Set<Room> {
    return new Set(this.#member.description.rooms);
  }

  /** What the application keeps on it; on other nodes a copy. */
  get data(): SocketData {
    return this.#member.description.data as SocketData;
  }

  /** Sends an event; a function as the last argument is called with the acknowledgement. */
  emit<Name extends EventNames<EmitEvents>>(name: Name, ...args: EventArguments<EmitEvents, Name>): boolean {
    this.#send(NO_FLAGS, name, args);
    return true;
  }

  /** Sends an event and waits for its acknowledgement. Rejects with an `AckError` if the client leaves first. */
  emitWithAck<Name extends EventNames<EmitEvents>>(
    name: Name,
    ...args: AckedArguments<EmitEvents, Name>
  ): Promise<AckResult<EmitEvents, Name>> {
    return this.#with(NO_FLAGS).emitWithAck(name, ...args);
  }

  /** `emit` and `emitWithAck` with a limit, in milliseconds, on how long the acknowledgement may take. */
  timeout(timeoutMs: number): FlaggedEmitter<EmitEvents, WithAckErrors<EmitEvents>> {
    return this.#with(NO_FLAGS).timeout(timeoutMs);
  }

  /** `emit` for events that are dropped unless they can be sent now. */
  get volatile(): FlaggedEmitter<EmitEvents> {
    return this.#with({ volatile: true });
  }

  /** Has it join rooms; may be ignored, as what fails is reported as well (`handler_error`). */
  async join(rooms: Room | readonly Room[]): Promise<void> {
    await this.#member.channel.joinMembers(this.#target(NO_FLAGS), checkedRooms(rooms));
  }

  /** Has it leave rooms. */
  async leave(rooms: Room | readonly Room[]): Promise<void> {
    await this.#member.channel.leaveMembers(this.#target(NO_FLAGS), roomList(rooms));
  }

  /** Makes the client leave the namespace; `close` ends its connection, with all its other namespaces. */
  disconnect(close = false): this {
    void this.#member.channel.disconnectMembers(this.#target(NO_FLAGS), close);
    return this;
  }

  #with(flags: EmitFlags): FlaggedEmitter<EmitEvents> {
    return new FlaggedEmitter((given, name, args) => this.#send(given, name, args), flags);
  }

  #send(flags: EmitFlags, name: string, args: readonly unknown[]): void {
    const { channel } = this.#member;
    const last = args.at(-1);
    if (typeof last !== "function") {
      channel.broadcast(this.#target(flags), name, args);
      return;
    }
    const acknowledge = last as AckCallback;
    const errorFirst = flags.errorFirst === true || flags.timeoutMs !== undefined;
    channel.ask(this.#target(flags), name, args.slice(0, -1), flags.timeoutMs, (error, responses) => {
      // It is one who was asked: nobody else stands in the room of its id.
      const failure = error ?? (responses.length === 0 ? BroadcastAckError.ofNobody() : null);
      if (failure === null) return acknowledge(...(errorFirst ? [null, ...responses] : responses));
      return errorFirst ? acknowledge(failure) : undefined;
    });
  }

  #target({ volatile = false, compress = true }: EmitFlags): BroadcastTarget {
    return { ...EVERYONE, rooms: new Set([this.id]), volatile, compress };
  }
}
