import type { Clock } from "../shared/clock.ts";
import type { Adapter } from "./adapter.ts";
import type { BackpressureRules } from "./backpressure/rules.ts";
import type { BroadcastChannel } from "./broadcast-channel.ts";
import type { Delivery } from "./delivery/delivery.ts";
import type { Refusal } from "./refusal.ts";
import type { Room } from "./room.ts";
import type { ArgumentSchemas } from "./validation.ts";

/** What all sockets of a namespace share. */
export interface SocketOwner<Namespace, Socket> {
  readonly namespace: Namespace;
  readonly name: string;
  readonly adapter: Adapter;
  readonly channel: BroadcastChannel;
  readonly delivery: Delivery | undefined;
  readonly backpressure: BackpressureRules;
  readonly clock: Clock;
  readonly maxRoomsPerSocket: number;
  /** Whether middleware is left out for clients that come back. */
  readonly skipMiddlewares: boolean;
  /** Has middleware decide about a socket that is there: calls back once, at once or later. */
  readmit(socket: Socket, decided: (refusal: Refusal | undefined) => void): void;
  schemasOf(event: string): ArgumentSchemas | undefined;
  /** Those of some rooms that a socket may not join, but for those that it is in already; a promise, which does not reject, if it is not known yet. */
  refusedRooms(
    socket: Socket,
    rooms: readonly Room[],
    already: ReadonlySet<Room>,
  ): readonly Room[] | Promise<readonly Room[]>;
  /** The socket is there. */
  onStart(socket: Socket): void;
  /** The socket is gone; before it was there, if it was not `started`. */
  onEnd(socket: Socket, started: boolean): void;
  /** A listener, a middleware, a schema or the adapter failed. */
  onError(error: unknown, event: string, socketId: string): void;
}
