import { type Clock, systemClock } from "../shared/clock.ts";
import { consoleLogger, type Logger } from "../shared/logger.ts";
import type { AdapterFactory } from "./adapter.ts";
import { LocalAdapter } from "./local-adapter.ts";

/** Options of a {@link Server}, by Socket.IO's names where it has them. */
export interface ServerOptions {
  /** Where clients connect: every path that begins so is ours. Default `/socket.io/`. */
  path?: string;
  /** How long after the last answer a client is pinged again, in milliseconds. Default 25,000. */
  pingInterval?: number;
  /** How long a client may take to answer a ping, in milliseconds. Default 20,000. */
  pingTimeout?: number;
  /** How long a client may stay without joining a namespace, in milliseconds. Default 45,000. */
  connectTimeout?: number;
  /** The longest message taken from a client, in bytes; a longer one ends the session with 1009. Default 1,000,000. */
  maxHttpBufferSize?: number;
  /** The most bytes that may wait for one slow client; beyond it the client is cut off. Default 64 MiB; 0: no limit. */
  maxBufferedBytes?: number;
  /** How long clients may take to say goodbye in {@link Server.close}, in milliseconds. Default 1,000. */
  shutdownTimeout?: number;
  /** Who keeps the rooms. Default: this process, for itself. */
  adapter?: AdapterFactory;
  /** Where failures are reported that nobody listens for. Default: warnings and errors to the console. */
  logger?: Logger;
  /** Where time comes from. Default: the machine's clock. */
  clock?: Clock;
}

/** The longest that a timer can wait, in milliseconds (25 days); a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The options with their defaults, checked. Throws a `RangeError` for a number that can't be. */
export function withDefaults(options: ServerOptions): Required<ServerOptions> {
  const {
    path = "/socket.io/",
    pingInterval = 25_000,
    pingTimeout = 20_000,
    connectTimeout = 45_000,
    maxHttpBufferSize = 1_000_000,
    maxBufferedBytes = 64 * 1024 * 1024,
    shutdownTimeout = 1_000,
    adapter = () => new LocalAdapter(),
    logger = consoleLogger,
    clock = systemClock,
  } = options;
  const positive = { pingInterval, pingTimeout, connectTimeout, maxHttpBufferSize };
  for (const [name, value] of Object.entries(positive)) {
    if (!(value > 0)) throw new RangeError(`The option "${name}" must be more than 0, not ${value}.`);
  }
  for (const [name, value] of Object.entries({ maxBufferedBytes, shutdownTimeout })) {
    if (!(value >= 0)) throw new RangeError(`The option "${name}" must be 0 or more, not ${value}.`);
  }
  for (const [name, value] of Object.entries({
    pingInterval,
    pingTimeout,
    connectTimeout,
    shutdownTimeout,
  })) {
    if (value > MAX_TIMER_MS) {
      throw new RangeError(`The option "${name}" must be at most ${MAX_TIMER_MS} ms, not ${value}.`);
    }
  }
  return {
    path: `/${path.replace(/^\/+|\/+$/g, "")}/`.replace("//", "/"),
    ...positive,
    maxBufferedBytes,
    shutdownTimeout,
    adapter,
    logger,
    clock,
  };
}
