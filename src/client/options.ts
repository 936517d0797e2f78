import type { Logger } from "../shared/logger.ts";

/** What a client shows of itself when it joins a namespace: an object, or a function that gives one each time. */
export type Auth = Record<string, unknown> | ((give: (auth: Record<string, unknown>) => void) => void);

/** Options of a {@link Manager}. */
export interface ManagerOptions {
  /** Where the server listens. Default `/socket.io/`. */
  path?: string;
  /** More for the query of the handshake. */
  query?: Record<string, string>;
  /** Headers for the handshake; only in Node, a page can't set any. */
  extraHeaders?: Record<string, string>;
  /** How long the server may take over the handshake, in milliseconds. Default 20,000. */
  timeout?: number;
  /** Whether to come back after the connection was lost, or could not be made. Default true. */
  reconnection?: boolean;
  /** How many attempts to make. Default: no limit. */
  reconnectionAttempts?: number;
  /**
   * The longest first delay, in milliseconds; it doubles with each attempt. Default 1,000. The delay itself is chosen at
   * random between 0 and this bound, so that a server that comes back is not met by all its clients at once.
   */
  reconnectionDelay?: number;
  /** The bound on the delay, in milliseconds. Default 5,000. */
  reconnectionDelayMax?: number;
  /** Whether to connect at once. Default true. */
  autoConnect?: boolean;
  /** Where listeners that throw are reported. Default: the console. */
  logger?: Logger;
}

/** Options of {@link io}. */
export interface ClientOptions extends ManagerOptions {
  /** What the server gets as `socket.handshake.auth`. */
  auth?: Auth;
}
