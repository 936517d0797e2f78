/** What both entries of the client export, beside their `io`. */
export type { Engine, EngineEvents, EnginePacket, EngineTransport } from "./engine.ts";
export type { CloseDetails, EngineCloseReason } from "./session.ts";
export type { Fetch, FetchInit, FetchReader, FetchResponse } from "./fetch.ts";
export type { OpenCallback } from "./manager.ts";
export type { IncomingPacket, ManagerEvents } from "./manager-events.ts";
export type { ManagerSettings } from "./manager-settings.ts";
export type { Auth, ClientOptions, ManagerOptions, SocketOptions, TransportName } from "./options.ts";
export type { Io, ManagerConstructor } from "./io.ts";
export type { ReliableWebSocketClass } from "./reliable-websocket-class.ts";
export type { ReliableWebSocketData } from "./reliable-websocket-data.ts";
export { ReliableWebSocketError, type ReliableWebSocketErrorCode } from "./reliable-websocket-errors.ts";
export type {
  DropEvent,
  ReconnectingEvent,
  ReliableCloseEvent,
  ReliableErrorEvent,
  ReliableMessageEvent,
  ReliableOpenEvent,
  ReliableWebSocketEventMap,
} from "./reliable-websocket-events.ts";
export {
  comesBackByDefault,
  type HeartbeatOptions,
  type QueueOverflow,
  type ReliableWebSocketOptions,
  type ReliableWebSocketUrl,
} from "./reliable-websocket-options.ts";
export {
  type ClientDisconnectReason,
  type ClientReservedEvents,
  type ConnectError,
  Socket,
  type SocketUplink,
} from "./socket.ts";
export type { DefaultEvents, EventMap } from "../shared/events.ts";
export type { FlaggedEmitter } from "../shared/flagged-emitter.ts";
export { EventError } from "../shared/event-error.ts";
export { AckError } from "../shared/pending-acks.ts";
