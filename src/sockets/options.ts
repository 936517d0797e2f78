import type { AttachOptions, ServerOptions as EngineOptions } from "../engine/index.ts";
import { type Clock, systemClock } from "../shared/clock.ts";
import { consoleLogger, type Logger } from "../shared/logger.ts";
import type { DefaultEvents, EventMap } from "../shared/events.ts";
import type { AdapterFactory } from "./adapter.ts";
import { type AdapterClass, adapterFactory } from "./adapter-factory.ts";
import { type Limits, limitsOf } from "./limits.ts";
import { memoryLog } from "../log/memory-log.ts";
import { type DeliveryOptions, type DeliverySettings, deliverySettings } from "./delivery/options.ts";
import { LocalAdapter } from "./local-adapter.ts";
import { type HandlerOptions, type TurnSettings, turnSettings } from "./turns/options.ts";
import { type RateLimitOptions, type RateLimitSettings, rateLimitSettings } from "./rate-limits/options.ts";

/**
 * Options of a {@link Server}, by Socket.IO's names where it has them. What sessions and their transports take is listed in
 * docs/reference/engine.md; only the default of `path` is another one here, `/socket.io/`.
 */
export interface ServerOptions<ListenEvents extends EventMap = DefaultEvents>
  extends EngineOptions, HandlerOptions {
  /** How long a client may stay without joining a namespace, in milliseconds; beyond it the session ends. Default 45,000. */
  connectTimeout?: number;
  /** Who keeps the rooms: a function that makes an {@link Adapter}, or a class of those. Default: this process, for itself. */
  adapter?: AdapterFactory | AdapterClass;
  /**
   * Whether pages get the client below `path`, as `socket.io.js` (and `.min.js`, `.esm.min.js`): the package's own. Default true.
   */
  serveClient?: boolean;
  /**
   * Whether events are kept, so that clients that ask for it come back to what they have missed: see docs/guide/delivery.md. True is the same as `{}`.
   * Default false.
   */
  delivery?: boolean | DeliveryOptions;
  /**
   * The same, also for clients of Socket.IO, which are told of offsets by one more argument of each event. Unlike in Socket.IO, middleware
   * runs again unless `skipMiddlewares` is true.
   */
  connectionStateRecovery?: DeliveryOptions | false;
  /** Whether namespaces that a pattern has made for clients are forgotten when the last one has left. Default true. */
  cleanupEmptyChildNamespaces?: boolean;
  /** How many namespaces one client may be in at a time; a further one is refused. Default 100. */
  maxNamespaces?: number;
  /** How many namespaces patterns may have made for clients; further ones are refused. Default 10,000. */
  maxDynamicNamespaces?: number;
  /** How many rooms a socket may be in, its own included; beyond it `join` throws a `RangeError`. Default 10,000. */
  maxRoomsPerSocket?: number;
  /**
   * How many bytes the attachments of one event may have in all, of which each is as long as a message may be; beyond it the session ends. Default: four times
   * `maxHttpBufferSize`, 4,000,000.
   */
  maxAttachmentBytes?: number;
  /** The longest name of an event that clients may send, in UTF-16 units; beyond it the session ends. Default 1,024. */
  maxEventNameLength?: number;
  /** The longest name of a namespace that clients may ask for, in UTF-16 units; beyond it the session ends. Default 1,024. */
  maxNamespaceNameLength?: number;
  /**
   * How many events clients may send: of one connection, by their names, of one address. Beyond it they are refused (`rate_limited`), and a client
   * that does not stop is disconnected: see docs/guide/limits.md. Default: no limit.
   */
  rateLimits?: RateLimitOptions<ListenEvents>;
}

/** The options with their defaults, as the parts of a server need them. */
export interface ServerSettings {
  /** What the engine below is made with. */
  readonly engine: EngineOptions;
  readonly path: string;
  readonly connectTimeoutMs: number;
  readonly cleanupEmptyChildNamespaces: boolean;
  readonly limits: Limits;
  readonly rateLimits: RateLimitSettings | undefined;
  /** Undefined: handlers are concurrent. */
  readonly turns: TurnSettings | undefined;
  readonly adapter: AdapterFactory;
  readonly serveClient: boolean;
  readonly delivery: DeliverySettings | undefined;
  /** Whether Socket.IO's clients are told of offsets in their own way. */
  readonly isStockRecovery: boolean;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** The longest that a timer can wait, in milliseconds (25 days); a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

const ONE_PARSER =
  "Packets are encoded as Socket.IO's own parser does it: leave it out here, and in the clients.";

/**
 * The options with their defaults. Throws a `RangeError` for a number that can't be, a `TypeError` for what is not supported; the engine checks those
 * that are its own.
 */
export function withDefaults(options: ServerOptions): ServerSettings {
  const {
    connectTimeout = 45_000,
    adapter = LocalAdapter,
    serveClient = true,
    delivery = false,
    cleanupEmptyChildNamespaces = true,
    maxNamespaces,
    maxDynamicNamespaces,
    maxRoomsPerSocket,
    maxEventNameLength,
    maxNamespaceNameLength,
    maxAttachmentBytes,
    rateLimits,
    handlers,
    maxWaitingEvents,
    maxWaitingEventBytes,
    handlerTimeout,
    connectionStateRecovery,
    parser,
    ...engine
  } = options as ServerOptions & { parser?: unknown };
  refuse("parser", parser, ONE_PARSER);
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
    path,
    connectTimeoutMs: connectTimeout,
    cleanupEmptyChildNamespaces,
    limits: limitsOf({
      maxNamespaces,
      maxDynamicNamespaces,
      maxRoomsPerSocket,
      maxEventNameLength,
      maxNamespaceNameLength,
      maxAttachmentBytes: maxAttachmentBytes ?? attachmentBytes(engine),
    }),
    rateLimits: rateLimitSettings(rateLimits),
    turns: turnSettings({ handlers, maxWaitingEvents, maxWaitingEventBytes, handlerTimeout }),
    adapter: adapterFactory(adapter),
    serveClient,
    delivery:
      delivery === false && !connectionStateRecovery
        ? undefined
        : deliverySettings(
            { ...(typeof delivery === "object" && delivery), ...connectionStateRecovery },
            memoryLog,
          ),
    isStockRecovery: Boolean(connectionStateRecovery),
    logger,
    clock,
  };
}

/** So much in all if nothing is said; the engine refuses what can't be. */
function attachmentBytes({ maxHttpBufferSize = 0 }: EngineOptions): number | undefined {
  return maxHttpBufferSize > 0 ? 4 * maxHttpBufferSize : undefined;
}

/** Options that may come as late as when a server is attached: the engine's. */
export type LateOptions = Omit<EngineOptions, "clock" | "logger">;

/** Where an engine is attached; the others are how it is made. */
const OF_PLACE: readonly string[] = [
  "path",
  "addTrailingSlash",
  "destroyUpgrade",
  "destroyUpgradeTimeout",
] satisfies (keyof AttachOptions)[];

/** Whether options only say where an engine is attached. */
export function areOfPlace(options: LateOptions): boolean {
  return Object.keys(options).every((name) => OF_PLACE.includes(name));
}

/**
 * The settings with options that come late; those that were given before go before them, as in Socket.IO. Undefined if there are none. Throws a
 * `TypeError` for one that can't come late.
 */
export function lateSettings(given: ServerOptions, late: LateOptions): ServerSettings | undefined {
  const names = Object.keys(late);
  if (names.length === 0) return undefined;
  const { engine } = withDefaults(late);
  const early = names.find((name) => name === "clock" || name === "logger" || !(name in engine));
  if (early !== undefined) {
    throw new TypeError(`The option "${early}" belongs into the constructor: new Server({ ${early} }).`);
  }
  const said = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return withDefaults({ ...late, ...said });
}

/** Throws a `TypeError` for an option of Socket.IO that asks for something that is not here; a program would wait for it in vain. */
function refuse(name: string, value: unknown, instead: string): void {
  if (value === undefined || value === null || value === false) return;
  throw new TypeError(`The option "${name}" is not supported. ${instead}`);
}
