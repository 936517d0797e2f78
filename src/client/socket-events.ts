import type { CloseDetails, EngineCloseReason } from "./session.ts";

/** Why a socket is no longer connected, by Socket.IO's names. */
export type ClientDisconnectReason = EngineCloseReason | "io server disconnect" | "io client disconnect";

/** Why a socket is not connected. */
export type ConnectError = Error & {
  /** What the server's middleware says beside the message. */
  data?: unknown;
  /** Where a request was answered by something else than success: the status. */
  description?: unknown;
  /** What the platform says of it: a WebSocket's close event, the text of an answer. */
  context?: unknown;
};

/** The events of a client's socket that are not the server's. */
export type ClientReservedEvents = {
  connect: () => void;
  /** The server refused, or could not be reached; in the second case another attempt follows. */
  connect_error: (error: ConnectError) => void;
  /** With the option `delivery`, before `connect` or while connected: what the server sent up to now may be missing for good. */
  gap: () => void;
  /** The connection is gone; with what is known beside the reason: an error, or how the WebSocket was closed. */
  disconnect: (reason: ClientDisconnectReason, details?: CloseDetails) => void;
};
