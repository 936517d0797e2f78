import type { ServerOptions as EngineOptions } from "../engine/index.ts";
import { type Clock, systemClock } from "../shared/clock.ts";
import { consoleLogger, type Logger } from "../shared/logger.ts";
import type { AdapterFactory } from "./adapter.ts";
import { LocalAdapter } from "./local-adapter.ts";

/**
 * Options of a {@link Server}, by Socket.IO's names where it has them. What sessions and their transports take is listed in
 * docs/reference/engine.md; only the default of `path` is another one here, `/socket.io/`.
 */
export interface ServerOptions extends EngineOptions {
  /** How long a client may stay without joining a namespace, in milliseconds; beyond it the session ends. Default 45,000. */
  connectTimeout?: number;
  /** Who keeps the rooms. Default: this process, for itself. */
  adapter?: AdapterFactory;
}

/** The options with their defaults, as the parts of a server need them. */
export interface ServerSettings {
  /** What the engine below is made with. */
  readonly engine: EngineOptions;
  readonly connectTimeoutMs: number;
  readonly adapter: AdapterFactory;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** The longest that a timer can wait, in milliseconds (25 days); a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The options with their defaults. Throws a `RangeError` for a number that can't be; the engine checks those that are its own. */
export function withDefaults(options: ServerOptions): ServerSettings {
  const { connectTimeout = 45_000, adapter = () => new LocalAdapter(), ...engine } = options;
  const { path = "/socket.io/", logger = consoleLogger, clock = systemClock } = engine;
  if (!(connectTimeout > 0)) {
    throw new RangeError(`The option "connectTimeout" must be more than 0, not ${connectTimeout}.`);
  }
  if (connectTimeout > MAX_TIMER_MS) {
    throw new RangeError(
      `The option "connectTimeout" must be at most ${MAX_TIMER_MS} ms, not ${connectTimeout}.`,
    );
  }
  return {
    engine: { ...engine, path, logger, clock },
    connectTimeoutMs: connectTimeout,
    adapter,
    logger,
    clock,
  };
}
