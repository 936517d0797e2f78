/** Stable names of what can go wrong on our side of a connection. */
export type ConnectionErrorCode = "WS_ERR_BUFFER_FULL" | "WS_ERR_IDLE_TIMEOUT" | "WS_ERR_NOT_OPEN";

/** A connection can't do what was asked, or was given up. What the peer does wrong is a `ProtocolError`. */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
  /** Stable, for programs. */
  readonly code: ConnectionErrorCode;

  constructor(code: ConnectionErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
