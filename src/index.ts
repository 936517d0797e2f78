/** `switchboard`: the server. */
export type { Adapter, AdapterFactory, BroadcastTarget, Member, Room } from "./sockets/adapter.ts";
export type { BroadcastOperator } from "./sockets/broadcast-operator.ts";
export type { DisconnectDetails, DisconnectReason } from "./sockets/disconnect-reason.ts";
export type { Handshake } from "./sockets/handshake.ts";
export { LocalAdapter } from "./sockets/local-adapter.ts";
export { type HandlerErrorContext, Namespace, type NamespaceEvents } from "./sockets/namespace.ts";
export type { ServerOptions } from "./sockets/options.ts";
export { Server, type ServerEvents } from "./sockets/server.ts";
export { Socket, type SocketReservedEvents } from "./sockets/socket.ts";
export type { Clock, Timer } from "./shared/clock.ts";
export type { DefaultEvents, EventMap } from "./shared/events.ts";
export type { FlaggedEmitter } from "./shared/flagged-emitter.ts";
export type { Logger } from "./shared/logger.ts";
export { AckError } from "./shared/pending-acks.ts";
