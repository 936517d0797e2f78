/** What can go wrong with a {@link ReliableWebSocket} on our side. See `docs/reference/errors.md`. */
export type ReliableWebSocketErrorCode =
  | "RWS_ERR_ADDRESS"
  | "RWS_ERR_CALLBACK"
  | "RWS_ERR_CONNECT_TIMEOUT"
  | "RWS_ERR_HEARTBEAT_TIMEOUT"
  | "RWS_ERR_OFFLINE"
  | "RWS_ERR_PAGE_HIDDEN"
  | "RWS_ERR_QUEUE_FULL"
  | "RWS_ERR_UNREADABLE_BLOB";

/** It can't be done, or the connection was given up, on our side. `cause` is what somebody else threw. */
export class ReliableWebSocketError extends Error {
  readonly code: ReliableWebSocketErrorCode;

  constructor(code: ReliableWebSocketErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "ReliableWebSocketError";
    this.code = code;
  }
}
