/** `switchboard/websocket`: the WebSocket protocol for Node, by the names of `ws`. */
import { createWebSocketStream } from "./duplex.ts";
import { WebSocketServer } from "./server.ts";
import { WebSocket as BaseWebSocket } from "./websocket.ts";

export type { OverflowPolicy } from "./buffer-limit.ts";
export type { BinaryType, WebSocketData } from "./data.ts";
export { createWebSocketStream };
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
export type { WebSocketServerEvents } from "./server.ts";
export { WebSocketServer };
export type {
  BroadcastOptions,
  ClientInfo,
  PrepareOptions,
  ShutdownOptions,
  Verdict,
  VerifyCallback,
  WebSocketServerOptions,
} from "./server-options.ts";
export type { TextHeartbeat } from "./text-heartbeat.ts";
export type { SendCallback, SendOptions } from "./send-options.ts";
export {
  HandshakeError,
  type HandshakeErrorCode,
  ProtocolError,
  type ProtocolErrorCode,
} from "../protocol/index.ts";

/** What `ws` hangs on its class. */
export interface WebSocketStatics {
  readonly Server: typeof WebSocketServer;
  readonly WebSocketServer: typeof WebSocketServer;
  readonly createWebSocketStream: typeof createWebSocketStream;
}

/** The class, with what else there is as its statics, as in `ws`. See `websocket.ts`. */
export const WebSocket: typeof BaseWebSocket & WebSocketStatics = Object.assign(BaseWebSocket, {
  Server: WebSocketServer,
  WebSocketServer,
  createWebSocketStream,
});
/** A WebSocket. See `websocket.ts`. */
export type WebSocket = BaseWebSocket;
export default WebSocket;
