import type { SessionCloseReason } from "../engine/index.ts";

/**
 * Why a socket is gone.
 *
 * | reason | what happened |
 * |---|---|
 * | `client namespace disconnect` | the client called `socket.disconnect()` |
 * | `server namespace disconnect` | the server called `socket.disconnect()` |
 * | `transport close` | the connection was closed, by the client or on the way |
 * | `transport error` | the connection failed, or the client broke its rules |
 * | `ping timeout` | the client did not answer a ping in time |
 * | `parse error` | the client sent a packet that is not allowed |
 * | `forced close` | the server closed the connection |
 * | `server shutting down` | the server was closed, or drained |
 * | `authentication expired` | the time of `socket.authenticatedFor()` was over, and the client had not shown anew who it is |
 * | `session taken over` | the client has come back over another connection, before this one was known to be lost |
 * | `rate limit exceeded` | the client went on sending more than `rateLimits` allows, and its connection was closed |
 * | `handler timeout` | the handlers of an event took longer than `handlerTimeout` where events are handled in order, and the connection was closed |
 */
export type DisconnectReason =
  | SessionCloseReason
  | "client namespace disconnect"
  | "server namespace disconnect"
  | "authentication expired"
  | "session taken over"
  | "rate limit exceeded"
  | "handler timeout";

/** More about a disconnect. */
export interface DisconnectDetails {
  /** Whether one of the two sides said goodbye; if not, the connection was lost. */
  readonly clean: boolean;
  /** A sentence for people. */
  readonly description: string;
}
