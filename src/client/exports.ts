/** What both entries of the client export, beside their `io`. */
export type { Engine, EngineEvents, EngineTransport } from "./engine.ts";
export type { Fetch, FetchInit, FetchReader, FetchResponse } from "./fetch.ts";
export { Manager } from "./manager.ts";
export type { ManagerEvents } from "./manager-events.ts";
export type { Auth, ClientOptions, ManagerOptions, TransportName } from "./options.ts";
export type { Io } from "./io.ts";
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
  Socket,
  type SocketUplink,
} from "./socket.ts";
export type { DefaultEvents, EventMap } from "../shared/events.ts";
export type { FlaggedEmitter } from "../shared/flagged-emitter.ts";
export { AckError } from "../shared/pending-acks.ts";
