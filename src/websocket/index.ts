/** `switchboard/websocket`: the WebSocket protocol for Node, by the names of `ws`. */
export type { OverflowPolicy } from "./connection.ts";
export type { BinaryType, WebSocketData } from "./data.ts";
export { createWebSocketStream } from "./duplex.ts";
export { ConnectionError, type ConnectionErrorCode } from "./errors.ts";
export type {
  CloseEvent,
  ErrorEvent,
  MessageEvent,
  RawData,
  WebSocketEvent,
  WebSocketEventMap,
  WebSocketEvents,
} from "./event-target.ts";
export type { CommonOptions, PerMessageDeflateOptions, WebSocketOptions } from "./options.ts";
export { PreparedMessage } from "./prepared-message.ts";
export {
  type BroadcastOptions,
  type PrepareOptions,
  type ShutdownOptions,
  WebSocketServer,
  type WebSocketServerEvents,
} from "./server.ts";
export type { ClientInfo, Verdict, VerifyCallback, WebSocketServerOptions } from "./server-options.ts";
export type { TextHeartbeat } from "./text-heartbeat.ts";
export { type SendCallback, type SendOptions, WebSocket } from "./websocket.ts";
export {
  HandshakeError,
  type HandshakeErrorCode,
  ProtocolError,
  type ProtocolErrorCode,
} from "../protocol/index.ts";
export { WebSocket as default } from "./websocket.ts";
