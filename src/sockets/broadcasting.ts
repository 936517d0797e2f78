import { Emitter } from "../shared/emitter.ts";
import type { AckedArguments, AckResult, EventMap, EventNames } from "../shared/events.ts";
import type { Room } from "./adapter.ts";
import type { BroadcastArguments, MessageArguments } from "./broadcast-events.ts";
import type { BroadcastOperator } from "./broadcast-operator.ts";
import type { RemoteSocket } from "./remote-socket.ts";

/** What a server, a namespace and a parent of namespaces have in common: they send to everyone, or to those one chooses. */
export abstract class Broadcasting<
  Events extends EventMap,
  EmitEvents extends EventMap,
  SocketData,
> extends Emitter<Events> {
  protected abstract get everyone(): BroadcastOperator<EmitEvents, SocketData>;

  /**
   * Sends an event to everyone in the namespace; always true, as in Socket.IO. A function as the last argument asks everyone for
   * an acknowledgement: see {@link BroadcastOperator.emit}.
   *
   * @example
   * io.emit("news", "hello");
   */
  emit<Name extends EventNames<EmitEvents>>(
    name: Name,
    ...args: BroadcastArguments<EmitEvents, Name>
  ): boolean {
    return this.everyone.emit(name, ...args);
  }

  /** Sends an event to everyone and waits for all acknowledgements: see {@link BroadcastOperator.emitWithAck}. */
  emitWithAck<Name extends EventNames<EmitEvents>>(
    name: Name,
    ...args: AckedArguments<EmitEvents, Name>
  ): Promise<AckResult<EmitEvents, Name>[]> {
    return this.everyone.emitWithAck(name, ...args);
  }

  /** Sends the event `message` to everyone. */
  send(...args: MessageArguments<EmitEvents>): this {
    (this.everyone as BroadcastOperator<EventMap>).emit("message", ...args);
    return this;
  }

  /** Same as {@link send}. */
  write(...args: MessageArguments<EmitEvents>): this {
    return this.send(...args);
  }

  /** Means the members of rooms. */
  to(room: Room | readonly Room[]): BroadcastOperator<EmitEvents, SocketData> {
    return this.everyone.to(room);
  }

  /** Same as {@link to}. */
  in(room: Room | readonly Room[]): BroadcastOperator<EmitEvents, SocketData> {
    return this.everyone.to(room);
  }

  /** Means all but the members of rooms. */
  except(room: Room | readonly Room[]): BroadcastOperator<EmitEvents, SocketData> {
    return this.everyone.except(room);
  }

  /** Leaves out sockets that can't take an event right now. */
  get volatile(): BroadcastOperator<EmitEvents, SocketData> {
    return this.everyone.volatile;
  }

  /** Means only the sockets on this node. */
  get local(): BroadcastOperator<EmitEvents, SocketData> {
    return this.everyone.local;
  }

  /** Whether events may be compressed on WebSockets, where that was agreed on; they may unless this is false. */
  compress(compress: boolean): BroadcastOperator<EmitEvents, SocketData> {
    return this.everyone.compress(compress);
  }

  /** Limits how long acknowledgements may take, in milliseconds. */
  timeout(timeoutMs: number): BroadcastOperator<EmitEvents, SocketData> {
    return this.everyone.timeout(timeoutMs);
  }

  /** All sockets, on every node. */
  fetchSockets(): Promise<RemoteSocket<EmitEvents, SocketData>[]> {
    return this.everyone.fetchSockets();
  }

  /** Has all sockets join rooms: see {@link BroadcastOperator.socketsJoin}. */
  socketsJoin(rooms: Room | readonly Room[]): Promise<number> {
    return this.everyone.socketsJoin(rooms);
  }

  /** Has all sockets leave rooms. */
  socketsLeave(rooms: Room | readonly Room[]): Promise<number> {
    return this.everyone.socketsLeave(rooms);
  }

  /** Makes all sockets leave the namespace; `close` ends their connections. */
  disconnectSockets(close = false): Promise<number> {
    return this.everyone.disconnectSockets(close);
  }
}
