/** A page's WebSocket to any server, that comes back by itself: what the client's entries export of it. */
export { type ReliableWebSocketClass, reliableWebSocketOn } from "./class.ts";
export type { ReliableWebSocketData } from "./data.ts";
export { ReliableWebSocketError, type ReliableWebSocketErrorCode } from "./errors.ts";
export type {
  DropEvent,
  ReconnectingEvent,
  ReliableCloseEvent,
  ReliableErrorEvent,
  ReliableMessageEvent,
  ReliableOpenEvent,
  ReliableWebSocketEventMap,
} from "./events.ts";
export {
  comesBackByDefault,
  type HeartbeatOptions,
  type QueueOverflow,
  type ReliableWebSocketOptions,
  type ReliableWebSocketUrl,
} from "./options.ts";
