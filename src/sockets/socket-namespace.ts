import type { EventMap } from "../shared/events.ts";
import type { Adapter } from "./adapter.ts";
import type { Broadcasting } from "./broadcasting.ts";

/** The events of a namespace, but for those that other nodes send. */
export type NamespaceReservedEvents<Socket> = {
  /** A client has joined. */
  connection: (socket: Socket) => void;
  /** Same as `connection`. */
  connect: (socket: Socket) => void;
};

/** A namespace as its sockets show it. */
export interface NamespaceOf<
  Socket,
  EmitEvents extends EventMap,
  ServerSideEvents extends EventMap,
  SocketData,
> extends Broadcasting<ServerSideEvents & NamespaceReservedEvents<Socket>, EmitEvents, SocketData> {
  readonly name: string;
  /** The sockets on this node, by id. */
  readonly sockets: ReadonlyMap<string, Socket>;
  /** Who keeps the rooms. */
  readonly adapter: Adapter;
}
