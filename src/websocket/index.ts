/** `switchboard/websocket`: the WebSocket protocol for Node, by the names of `ws`. */
export { ConnectionError, type ConnectionErrorCode } from "./errors.ts";
export { WebSocketServer, type WebSocketServerEvents, type WebSocketServerOptions } from "./server.ts";
export { WebSocket, type WebSocketData, type WebSocketEvents, type WebSocketOptions } from "./websocket.ts";
export {
  HandshakeError,
  type HandshakeErrorCode,
  ProtocolError,
  type ProtocolErrorCode,
} from "../protocol/index.ts";
export { WebSocket as default } from "./websocket.ts";
