import type { EventMap, WithAckErrors } from "../shared/events.ts";
import { type EmitFlags, FlaggedEmitter, type SendEvent } from "../shared/flagged-emitter.ts";
import type { Room } from "./adapter.ts";
import type { MessageArguments } from "./broadcast-events.ts";
import type { BroadcastOperator } from "./broadcast-operator.ts";

/** What a socket is to those who send through it under conditions. */
export interface FlaggedSocketParts<Events extends EventMap, SocketData> {
  readonly send: SendEvent;
  /** Everyone in the namespace but this socket. */
  others(flags: EmitFlags): BroadcastOperator<Events, SocketData>;
}

/**
 * What `volatile`, `timeout()` and `compress()` of a socket return: they hold for what is sent with it, to the client or, behind `to` and its
 * like, to others. It may be kept and used again.
 *
 * @example
 * socket.volatile.to("room").emit("cursor", x, y);
 * const votes = await socket.timeout(5000).broadcast.emitWithAck("vote?");
 */
export class FlaggedSocket<
  Events extends EventMap,
  SocketData,
  Emitted extends EventMap = Events,
> extends FlaggedEmitter<Events, Emitted> {
  readonly #parts: FlaggedSocketParts<Events, SocketData>;
  readonly #flags: EmitFlags;

  /** @internal Made by a socket. */
  constructor(parts: FlaggedSocketParts<Events, SocketData>, flags: EmitFlags) {
    super(parts.send, flags);
    this.#parts = parts;
    this.#flags = flags;
  }

  override get volatile(): FlaggedSocket<Events, SocketData, Emitted> {
    return new FlaggedSocket(this.#parts, { ...this.#flags, volatile: true });
  }

  override compress(compress: boolean): FlaggedSocket<Events, SocketData, Emitted> {
    return new FlaggedSocket(this.#parts, { ...this.#flags, compress });
  }

  override timeout(timeoutMs: number): FlaggedSocket<Events, SocketData, WithAckErrors<Events>> {
    return new FlaggedSocket(this.#parts, { ...this.#flags, timeoutMs });
  }

  /** Sends the event `message`. */
  send(...args: MessageArguments<Emitted>): this {
    this.#parts.send(this.#flags, "message", args);
    return this;
  }

  /** Same as {@link send}. */
  write(...args: MessageArguments<Emitted>): this {
    return this.send(...args);
  }

  /** Everyone in the namespace but this socket. */
  get broadcast(): BroadcastOperator<Events, SocketData> {
    return this.#parts.others(this.#flags);
  }

  /** The same, but only on this node. */
  get local(): BroadcastOperator<Events, SocketData> {
    return this.broadcast.local;
  }

  /** The members of rooms, but for this socket. */
  to(room: Room | readonly Room[]): BroadcastOperator<Events, SocketData> {
    return this.broadcast.to(room);
  }

  /** Same as {@link to}. */
  in(room: Room | readonly Room[]): BroadcastOperator<Events, SocketData> {
    return this.broadcast.to(room);
  }

  /** Everyone in the namespace, but for this socket and the members of rooms. */
  except(room: Room | readonly Room[]): BroadcastOperator<Events, SocketData> {
    return this.broadcast.except(room);
  }
}
