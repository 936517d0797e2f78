import type { DisconnectDetails, DisconnectReason } from "./disconnect-reason.ts";

/** Events of a socket that are not the client's. */
export type SocketReservedEvents = {
  /** The socket is about to leave; it is still in its rooms. */
  disconnecting: (reason: DisconnectReason, details: DisconnectDetails) => void;
  /** The socket is gone, and out of its rooms. */
  disconnect: (reason: DisconnectReason, details: DisconnectDetails) => void;
  /** An event of the client was refused: by middleware of the socket, or as its arguments are not valid (an `EventError`). */
  error: (error: Error) => void;
};
