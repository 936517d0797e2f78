/** What both entries of the client export, beside their `io`. */
export type { Engine, EngineEvents, EnginePacket, EngineTransport } from "./engine.ts";
export type { CloseDetails, EngineCloseReason } from "./session.ts";
export type { Fetch, FetchInit, FetchReader, FetchResponse } from "./fetch.ts";
export {
  type ClientDelivery,
  delivery,
  type DeliveryOptions,
  type DeliveryUplink,
  type Joined,
  type OutboxChanges,
  type OutboxState,
  type OutboxStore,
  type SocketDelivery,
  type StoredDelivery,
  type StoredEvent,
  type StoredOutbox,
  type StoredSeat,
  StoreError,
  type StoreErrorCode,
} from "./delivery/index.ts";
export type { OpenCallback } from "./manager.ts";
export type { IncomingPacket, ManagerEvents } from "./manager-events.ts";
export type { ManagerSettings } from "./manager-settings.ts";
export type {
  Auth,
  ClientOptions,
  ManagerOptions,
  NodeConnectionOptions,
  SocketOptions,
  TlsMaterial,
  TransportName,
} from "./options.ts";
export type { Io, ManagerConstructor } from "./io.ts";
export {
  comesBackByDefault,
  type DropEvent,
  type HeartbeatOptions,
  type QueueOverflow,
  type ReconnectingEvent,
  type ReliableCloseEvent,
  type ReliableErrorEvent,
  type ReliableMessageEvent,
  type ReliableOpenEvent,
  type ReliableWebSocketClass,
  type ReliableWebSocketData,
  ReliableWebSocketError,
  type ReliableWebSocketErrorCode,
  type ReliableWebSocketEventMap,
  type ReliableWebSocketOptions,
  type ReliableWebSocketUrl,
} from "./reliable-websocket/index.ts";
export { reauthenticate, renewable } from "./renewable.ts";
export { Socket, type SocketUplink } from "./socket.ts";
export type { ClientDisconnectReason, ClientReservedEvents, ConnectError } from "./socket-events.ts";
export type { DefaultEvents, EventMap } from "../shared/events.ts";
export type { FlaggedEmitter } from "../shared/flagged-emitter.ts";
export { EventError } from "../shared/event-error.ts";
export { AckError } from "../shared/pending-acks.ts";
