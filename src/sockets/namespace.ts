import { RESERVED_EVENTS } from "../packets/index.ts";
import type { Clock } from "../shared/clock.ts";
import { Emitter } from "../shared/emitter.ts";
import type { DefaultEvents, EventArguments, EventMap, EventNames } from "../shared/events.ts";
import { type Random, randomId } from "../shared/random.ts";
import type { Adapter, BroadcastTarget, Room } from "./adapter.ts";
import { BroadcastOperator, EVERYONE } from "./broadcast-operator.ts";
import type { Handshake } from "./handshake.ts";
import type { SocketHost, SocketLink } from "./multiplexer.ts";
import { Socket } from "./socket.ts";

/** Where in the application something failed. */
export interface HandlerErrorContext {
  /** The event whose listener failed. */
  readonly event: string;
  readonly namespace: string;
  /** The socket it was for, if any. */
  readonly socketId: string | undefined;
}

/** What a namespace needs of its server. */
export interface NamespaceContext {
  readonly adapter: Adapter;
  readonly clock: Clock;
  readonly random: Random;
  /** A listener, or the adapter, failed. */
  onHandlerError(error: unknown, context: HandlerErrorContext): void;
}

/** The events of a namespace. */
export type NamespaceEvents<ListenEvents extends EventMap, EmitEvents extends EventMap, SocketData> = {
  /** A client has joined. */
  connection: (socket: Socket<ListenEvents, EmitEvents, SocketData>) => void;
  /** Same as `connection`. */
  connect: (socket: Socket<ListenEvents, EmitEvents, SocketData>) => void;
};

/** A channel of its own on the shared connections: its sockets, its rooms, its events. */
export class Namespace<
  ListenEvents extends EventMap = DefaultEvents,
  EmitEvents extends EventMap = DefaultEvents,
  // `any`: what users keep on a socket is theirs.
  // oxlint-disable-next-line typescript/no-explicit-any
  SocketData = any,
>
  extends Emitter<NamespaceEvents<ListenEvents, EmitEvents, SocketData>>
  implements SocketHost
{
  readonly name: string;
  /** The sockets on this node, by id. */
  readonly sockets: Map<string, Socket<ListenEvents, EmitEvents, SocketData>> = new Map();
  readonly #context: NamespaceContext;

  /** @internal Made by a server. */
  constructor(name: string, context: NamespaceContext) {
    super();
    this.name = name;
    this.#context = context;
  }

  /** Who keeps the rooms. */
  get adapter(): Adapter {
    return this.#context.adapter;
  }

  /** Sends an event to everyone in the namespace. */
  emit<Name extends EventNames<EmitEvents>>(name: Name, ...args: EventArguments<EmitEvents, Name>): boolean {
    return this.#everyone.emit(name, ...args);
  }

  /** Means the members of rooms. */
  to(room: Room | readonly Room[]): BroadcastOperator<EmitEvents> {
    return this.#everyone.to(room);
  }

  /** Same as {@link to}. */
  in(room: Room | readonly Room[]): BroadcastOperator<EmitEvents> {
    return this.#everyone.to(room);
  }

  /** Means all but the members of rooms. */
  except(room: Room | readonly Room[]): BroadcastOperator<EmitEvents> {
    return this.#everyone.except(room);
  }

  /** Leaves out sockets that can't take the event right now. */
  get volatile(): BroadcastOperator<EmitEvents> {
    return this.#everyone.volatile;
  }

  /** Means only the sockets on this node. */
  get local(): BroadcastOperator<EmitEvents> {
    return this.#everyone.local;
  }

  /** @internal */
  createSocket(link: SocketLink, handshake: Handshake): Socket<ListenEvents, EmitEvents, SocketData> {
    const { adapter, clock, random } = this.#context;
    const id = randomId(random);
    const socket = new Socket<ListenEvents, EmitEvents, SocketData>(id, handshake, link, {
      namespace: this.name,
      adapter,
      clock,
      onStart: () => {
        this.dispatch("connect", [socket]);
        this.dispatch("connection", [socket]);
      },
      onEnd: () => this.sockets.delete(id),
      onListenerError: (error, event) => this.#report(error, event, id),
      onAdapterError: (error) => this.#report(error, "adapter", id),
      broadcast: this.#broadcast,
    });
    this.sockets.set(id, socket);
    return socket;
  }

  protected override listenerFailed(error: unknown, name: string): void {
    this.#report(error, name, undefined);
  }

  get #everyone(): BroadcastOperator<EmitEvents> {
    return new BroadcastOperator(this.#broadcast, EVERYONE);
  }

  readonly #broadcast = (target: BroadcastTarget, name: string, args: readonly unknown[]): void => {
    if (RESERVED_EVENTS.has(name)) throw new TypeError(`"${name}" is reserved: it can't be sent.`);
    if (typeof args.at(-1) === "function") {
      throw new TypeError("A broadcast asks for no acknowledgement: send it without the function.");
    }
    this.#context.adapter
      .broadcast({ type: "event", namespace: this.name, id: undefined, data: [name, ...args] }, target)
      .catch((error: unknown) => this.#report(error, "adapter", undefined));
  };

  #report(error: unknown, event: string, socketId: string | undefined): void {
    this.#context.onHandlerError(error, { event, namespace: this.name, socketId });
  }
}
