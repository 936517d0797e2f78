import type { LogFactory } from "../log.ts";

/** How clients come back to what they have missed. */
export interface DeliveryOptions {
  /** Where events are kept. Default: `memoryLog()`, which a restart of the server ends. */
  log?: LogFactory;
  /** How long a client may be away, in milliseconds; then its seat is forgotten. Default 120,000. */
  maxDisconnectionDuration?: number;
  /** Whether the namespace's middleware is left out for a client that comes back: one that does not say `authenticatedFor()`. Default false. */
  skipMiddlewares?: boolean;
  /** How many clients that are away are kept, in all namespaces together; the one that is away for longest is forgotten first. Default 100,000. */
  maxVacantSeats?: number;
  /** What is kept of them takes at most, in bytes, roughly: their rooms and `data`. The one that is away for longest is forgotten first. Default 128 MiB. */
  maxVacantSeatBytes?: number;
  /** How many events of a client's outbox may be under way at a time. Default 256. */
  maxUnacknowledged?: number;
  /** The longest history that `socket.join(room, { history })` may ask for. Default 1,000. */
  maxHistory?: number;
  /**
   * Beyond so many bytes that wait for a client, it is sent no more events of the log until it has taken them: then it is sent what it has missed. Default
   * 1,048,576.
   */
  pauseAbove?: number;
  /**
   * What may wait, in bytes, of one connection while the log takes its time: acknowledgements and questions, which must not overtake events, sockets that join or end,
   * changes of rooms. Each counts 128 bytes more, a socket that joins 2,048. Beyond it the session ends (`forced close`). With a log in memory nothing waits. Default 4 MiB.
   */
  maxWaitingBytes?: number;
}

/** The longest that a timer can wait, in milliseconds (25 days); a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The options with their defaults. */
export interface DeliverySettings {
  readonly log: LogFactory;
  readonly seatLifetimeMs: number;
  readonly skipMiddlewares: boolean;
  readonly maxVacantSeats: number;
  readonly maxVacantSeatBytes: number;
  readonly pauseAboveBytes: number;
  readonly maxWaitingBytes: number;
  readonly maxUnacknowledged: number;
  readonly maxHistory: number;
}

/** The options with their defaults. Throws a `RangeError` for a number that can't be. */
export function deliverySettings(
  {
    log,
    maxDisconnectionDuration = 120_000,
    skipMiddlewares = false,
    maxVacantSeats = 100_000,
    maxVacantSeatBytes = 128 * 1024 * 1024,
    pauseAbove = 1024 * 1024,
    maxWaitingBytes = 4 * 1024 * 1024,
    maxUnacknowledged = 256,
    maxHistory = 1000,
  }: DeliveryOptions,
  defaultLog: () => LogFactory,
): DeliverySettings {
  for (const [name, value] of Object.entries({
    maxDisconnectionDuration,
    maxVacantSeats,
    maxVacantSeatBytes,
    pauseAbove,
    maxWaitingBytes,
    maxUnacknowledged,
    maxHistory,
  })) {
    if (!(value >= 1)) throw new RangeError(`The option "${name}" must be 1 or more, not ${value}.`);
  }
  if (log !== undefined && typeof log !== "function") {
    throw new TypeError(
      'The option "log" must be a function, as memoryLog() returns it, and await diskLog().',
    );
  }
  if (maxDisconnectionDuration > MAX_TIMER_MS) {
    throw new RangeError(
      `The option "maxDisconnectionDuration" must be at most ${MAX_TIMER_MS} ms, not ${maxDisconnectionDuration}.`,
    );
  }
  return {
    log: log ?? defaultLog(),
    seatLifetimeMs: maxDisconnectionDuration,
    skipMiddlewares,
    maxVacantSeats,
    maxVacantSeatBytes,
    pauseAboveBytes: pauseAbove,
    maxWaitingBytes,
    maxUnacknowledged,
    maxHistory,
  };
}
