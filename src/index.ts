/** `switchboard`: the server. */
export type {
  Adapter,
  AdapterFactory,
  AdapterHost,
  BroadcastQuestion,
  BroadcastTarget,
  Member,
  MemberDescription,
  Room,
  TakeAnswer,
} from "./sockets/adapter.ts";
export type { AdapterClass } from "./sockets/adapter-factory.ts";
export type {
  Backpressure,
  BackpressureKey,
  BackpressureOptions,
  RoomBackpressure,
} from "./sockets/backpressure/rules.ts";
export type { Lane, WhenSlow } from "./sockets/backpressure/when-slow.ts";
export { type DrainOptions, PreparedMessage } from "./engine/index.ts";
export type { SocketPacket } from "./packets/index.ts";
export { BroadcastAckError } from "./sockets/broadcast-acks.ts";
export type { BroadcastOperator } from "./sockets/broadcast-operator.ts";
export type { LogPosition } from "./sockets/delivery/room-history.ts";
export type { DeliveryOptions } from "./sockets/delivery/options.ts";
export type { LoggedMessage, OffsetWire } from "./sockets/delivery/logged-message.ts";
export type { Connection, ConnectionEvents } from "./sockets/connection.ts";
export type { DisconnectDetails, DisconnectReason } from "./sockets/disconnect-reason.ts";
export type { SocketEvent as Event, SocketEvent, SocketMiddleware } from "./sockets/event-gate.ts";
export type { FlaggedSocket } from "./sockets/flagged-socket.ts";
export type { HandlerErrorContext } from "./sockets/handler-error.ts";
export type { Handshake } from "./sockets/handshake.ts";
export type { JoinRule } from "./sockets/join-rules.ts";
export { LocalAdapter } from "./sockets/local-adapter.ts";
export type {
  Appending,
  Log,
  LogEntry,
  LogFactory,
  LoggedEntry,
  LogHost,
  LogPage,
  LogQuery,
  SeatRecord,
  Stay,
  TakenSeat,
} from "./sockets/log.ts";
export type { ExtendedError, Next } from "./sockets/middleware.ts";
export { Namespace, type NamespaceEvents } from "./sockets/namespace.ts";
export type { NamespaceMiddleware } from "./sockets/namespace-rules.ts";
export type { LateOptions, ServerOptions } from "./sockets/options.ts";
export type { NamespaceMatcher, ParentNamespace } from "./sockets/parent-namespace.ts";
export type { HandlerOptions } from "./sockets/turns/options.ts";
export type { EventRateOptions, RateLimitOptions } from "./sockets/rate-limits/options.ts";
export type { RemoteSocket } from "./sockets/remote-socket.ts";
export type { RoomEvents } from "./sockets/room-events.ts";
export type { JoinOptions } from "./sockets/member-socket.ts";
export type { RoomMatch } from "./sockets/room-match.ts";
export { Server, type ServerEvents } from "./sockets/server.ts";
export { Socket, type SocketNamespace } from "./sockets/socket.ts";
export type { SocketReservedEvents } from "./sockets/socket-events.ts";
export type { ArgumentIssue, EventSchemas, StandardSchema } from "./sockets/validation.ts";
export type { Clock, Timer } from "./shared/clock.ts";
export { EventError } from "./shared/event-error.ts";
export type { DefaultEvents, DefaultEvents as DefaultEventsMap, EventMap } from "./shared/events.ts";
export type { FlaggedEmitter } from "./shared/flagged-emitter.ts";
export type { Logger } from "./shared/logger.ts";
export type { Random } from "./shared/random.ts";
export { AckError } from "./shared/pending-acks.ts";
