import type { ReliableCloseEvent } from "./events.ts";

/** Where to connect to; a function is asked before each attempt, and may fetch a token first. */
export type ReliableWebSocketUrl = string | URL | (() => string | URL | Promise<string | URL>);

/** What happens to a message when the queue is full. */
export type QueueOverflow = "error" | "drop-oldest" | "drop-newest";

/** How a dead connection is told from a quiet one: by messages that the server answers. */
export interface HeartbeatOptions {
  /** What is sent, or a function that makes it each time. */
  message: string | Uint8Array | (() => string | Uint8Array);
  /** After how much silence, in milliseconds. Default 25,000. */
  interval?: number;
  /** How long the server may take to answer, in milliseconds. Default 10,000. */
  timeout?: number;
  /** How many more are sent when one is not answered, before the connection is given up. Default 1. */
  retries?: number;
  /**
   * Whether a message is the answer to a heartbeat. Such messages are not delivered, and nothing else counts as a sign of
   * life. Default: every message is a sign of life, and every message is delivered.
   */
  isAnswer?: (message: string | Uint8Array) => boolean;
}

/** Options of a {@link ReliableWebSocket}. */
export interface ReliableWebSocketOptions {
  /** Whether to come back after the connection was lost, or could not be made. Default true. */
  reconnection?: boolean;
  /** How many attempts to make, counted since a connection was last stable. Default: no limit. */
  reconnectionAttempts?: number;
  /**
   * The longest first delay, in milliseconds; it doubles with each attempt. Default 1,000. The delay itself is chosen at
   * random between 0 and this bound, so that a server that comes back is not met by all its clients at once.
   */
  reconnectionDelay?: number;
  /** The bound on the delay, in milliseconds. Default 5,000. */
  reconnectionDelayMax?: number;
  /** How long a connection must have lasted for attempts and delays to be counted anew, in milliseconds. Default 5,000. */
  stableAfter?: number;
  /** How long one attempt may take, in milliseconds, with the time that the function for the address takes. Default 10,000. */
  connectTimeout?: number;
  /**
   * Whether to come back after a connection ended so, or could not be made. Not asked after {@link ReliableWebSocket.close}.
   * Default: unless the server closed it with 1000 (all is done) or 1008 (it does not want us): {@link comesBackByDefault}.
   */
  shouldReconnect?: (end: ReliableCloseEvent) => boolean;
  /** Heartbeats. Default: none, as a server must know them. */
  heartbeat?: HeartbeatOptions;
  /** How many messages may wait while there is no connection. Default 1,000. */
  maxQueuedMessages?: number;
  /** How much may wait while there is no connection, in bytes. Default 1 MiB. */
  maxQueuedBytes?: number;
  /** What happens to a message beyond that. Default `error`: {@link ReliableWebSocket.send} throws. */
  overflow?: QueueOverflow;
  /** Headers for the handshake; a page can't send any. */
  extraHeaders?: Record<string, string>;
}

/** The options with their defaults. */
export type CheckedOptions = Required<Omit<ReliableWebSocketOptions, "heartbeat">> & {
  readonly heartbeat:
    | (Required<Omit<HeartbeatOptions, "isAnswer">> & Pick<HeartbeatOptions, "isAnswer">)
    | undefined;
};

/**
 * What {@link ReliableWebSocketOptions.shouldReconnect} is by default. RFC 6455 §7.4.1 says of 1000 that the purpose of the
 * connection has been fulfilled, and of 1008 that the endpoint's policy is against it: a new one would fare no better. All
 * other ends are of this connection only. What 3000 to 4999 mean, the application knows.
 */
export function comesBackByDefault({ code }: Pick<ReliableCloseEvent, "code">): boolean {
  return code !== 1000 && code !== 1008;
}

/** Fills in the defaults. Throws a `RangeError` for a number, or a word, that can't be. */
export function checkOptions(options: ReliableWebSocketOptions): CheckedOptions {
  const { overflow = "error", heartbeat } = options;
  if (!["error", "drop-oldest", "drop-newest"].includes(overflow)) {
    throw new RangeError(`"overflow" is "error", "drop-oldest" or "drop-newest", not "${overflow}".`);
  }
  return {
    reconnection: options.reconnection ?? true,
    reconnectionAttempts: atLeast(
      0,
      "reconnectionAttempts",
      options.reconnectionAttempts,
      Number.POSITIVE_INFINITY,
    ),
    reconnectionDelay: atLeast(0, "reconnectionDelay", options.reconnectionDelay, 1000),
    reconnectionDelayMax: atLeast(0, "reconnectionDelayMax", options.reconnectionDelayMax, 5000),
    stableAfter: atLeast(0, "stableAfter", options.stableAfter, 5000),
    connectTimeout: atLeast(1, "connectTimeout", options.connectTimeout, 10_000),
    shouldReconnect: options.shouldReconnect ?? comesBackByDefault,
    heartbeat: heartbeat && {
      message: heartbeat.message,
      interval: atLeast(1, "heartbeat.interval", heartbeat.interval, 25_000),
      timeout: atLeast(1, "heartbeat.timeout", heartbeat.timeout, 10_000),
      retries: atLeast(0, "heartbeat.retries", heartbeat.retries, 1),
      ...(heartbeat.isAnswer && { isAnswer: heartbeat.isAnswer }),
    },
    maxQueuedMessages: atLeast(0, "maxQueuedMessages", options.maxQueuedMessages, 1000),
    maxQueuedBytes: atLeast(0, "maxQueuedBytes", options.maxQueuedBytes, 1024 * 1024),
    overflow,
    extraHeaders: options.extraHeaders ?? {},
  };
}

function atLeast(least: number, name: string, value: number | undefined, fallback: number): number {
  if (value === undefined) return fallback;
  if (value >= least) return value;
  throw new RangeError(`The option "${name}" must be a number of at least ${least}, not ${String(value)}.`);
}
