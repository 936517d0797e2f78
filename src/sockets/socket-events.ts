import type { DisconnectDetails, DisconnectReason } from "./disconnect-reason.ts";

/** Events of a socket that are not the client's. */
export type SocketReservedEvents = {
  /** The socket is about to leave; it is still in its rooms. */
  disconnecting: (reason: DisconnectReason, details: DisconnectDetails) => void;
  /** The socket is gone, and out of its rooms. */
  disconnect: (reason: DisconnectReason, details: DisconnectDetails) => void;
  /**
   * An event of the client was refused: by middleware of the socket, or as its arguments are not valid (an `EventError`), or as
   * it was one too many (`rate_limited`; told once in 5 seconds, `data.refused` counts).
   */
  error: (error: Error) => void;
};
