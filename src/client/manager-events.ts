import type { EngineCloseReason } from "./engine-session.ts";

/** The events of a manager. */
export type ManagerEvents = {
  /** The connection is there. */
  open: () => void;
  /** It could not be made. */
  error: (error: Error) => void;
  /** It is gone. */
  close: (reason: EngineCloseReason) => void;
  /** The next attempt comes in `delayMs` milliseconds, unless `connect()` is called before. */
  reconnect_scheduled: (attempt: number, delayMs: number) => void;
  /** An attempt begins. */
  reconnect_attempt: (attempt: number) => void;
  /** An attempt failed. */
  reconnect_error: (error: Error) => void;
  /** The last attempt failed. */
  reconnect_failed: () => void;
  /** The connection is back. */
  reconnect: (attempt: number) => void;
};
