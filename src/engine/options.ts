import type { IncomingMessage } from "node:http";
import { type Clock, systemClock } from "../shared/clock.ts";
import { checkNames } from "../shared/known-names.ts";
import { consoleLogger, type Logger } from "../shared/logger.ts";
import { systemRandom } from "../shared/random.ts";
import type { AllowRequest } from "./admission.ts";
import type { PerMessageDeflateOptions } from "./attach.ts";
import { type FindOrigin, originFinder, type TrustProxy } from "./client-address.ts";
import type { CookieOptions } from "./cookie.ts";
import type { CorsOptions, CorsOptionsDelegate } from "./cors.ts";
import type { HandshakeRateOptions } from "./handshake-rate.ts";
import type { HttpCompressionOptions } from "./http-compression.ts";
import { checkOptionNames } from "./option-names.ts";
import type { RequestRules } from "./request-check.ts";
import type { SessionOptions } from "./session-contract.ts";
import { defaultTotalBytes } from "./total-backlog.ts";
import type { TransportName } from "./transport.ts";
import type { AdmissionRate, AdmissionRateOptions } from "./waiting-room.ts";

/** Where an engine is attached. */
export interface AttachOptions {
  /** Every path that begins so is ours. Default `/engine.io/`. */
  path?: string;
  /** Whether the path ends with a slash: without, `/engine.io?…` is ours as well, and so is `/engine.iox`. Default true. */
  addTrailingSlash?: boolean;
  /** Whether upgrades that are nobody's are refused (with 404); false leaves them to others. Default true. */
  destroyUpgrade?: boolean;
  /** As in engine.io, for programs that have it; without effect: what is nobody's is refused at once. */
  destroyUpgradeTimeout?: number;
}

/** Options of an engine's `Server`, by engine.io's names where it has them. Times are in milliseconds. */
export interface ServerOptions extends AttachOptions {
  /** How long after the last answer a client is pinged again. Default 25,000. */
  pingInterval?: number;
  /** How long a client may take to answer a ping; beyond it the session ends. Default 20,000. */
  pingTimeout?: number;
  /** How long a client may take to move to the WebSocket that it has opened; beyond it that is closed. Default 10,000. */
  upgradeTimeout?: number;
  /**
   * The longest message, and the longest body of a request, in bytes; beyond it 1009 or 413. A body that is one binary message may be longer by
   * what base64 adds. Default 1,000,000.
   */
  maxHttpBufferSize?: number;
  /** The most bytes that may wait for one client; 0: no limit. Default 64 MiB. */
  maxBufferedBytes?: number;
  /**
   * The most bytes that may wait for all clients together; beyond it those are cut off for whom most waits (`transport error`). 0: no limit. Default 1 GiB, or a quarter
   * of the memory that the process may use, where that is limited and less.
   */
  maxTotalBufferedBytes?: number;
  /** What happens beyond `maxBufferedBytes`: the session ends, or the message is dropped. Default `"terminate"`. */
  overflow?: "terminate" | "drop";
  /** The ways that are taken. Event streams come with polling, for links. Default `["polling", "websocket"]`. */
  transports?: readonly TransportName[];
  /** Whether a session may move to WebSocket. Default true. */
  allowUpgrades?: boolean;
  /** As in engine.io, for programs that have it: clients of its version 3, which is Socket.IO 2, are never let in. */
  allowEIO3?: false;
  /** Whether clients may ask for a link; see docs/protocol/link.md. Default true. */
  link?: boolean;
  /** Decides about each handshake; refuses with 403. Default: all are let in. */
  allowRequest?: AllowRequest;
  /** Makes the id of each session. It must be unguessable; one that is taken refuses the handshake. Default: 120 random bits. */
  generateId?: (request: IncomingMessage) => string | PromiseLike<string>;
  /** How long `allowRequest` and `generateId` may take together; beyond it 503. Default 10,000. */
  handshakeTimeout?: number;
  /** Which pages of other origins may make requests, by the options of the `cors` package. Default: none. */
  cors?: CorsOptions | CorsOptionsDelegate | boolean;
  /** A cookie with the session's id, on the answer to a handshake over HTTP. Default: none. */
  cookie?: CookieOptions | boolean;
  /** How answers to polls are compressed; false: not at all. Default `{ threshold: 1024 }`. */
  httpCompression?: HttpCompressionOptions | boolean;
  /**
   * Whether messages on WebSockets are compressed (RFC 7692), for clients that offer it, and how; those shorter than its `threshold`, 1,024
   * bytes, never are. Costs memory and time for each session. Default false.
   */
  perMessageDeflate?: PerMessageDeflateOptions | boolean;
  /** How many sessions there may be; further handshakes get 503. Default: no limit. */
  maxSessions?: number;
  /** How many handshakes one address may make; further ones get 429. Default: no limit. */
  handshakeRate?: HandshakeRateOptions | false;
  /** How many handshakes are let in, of all addresses together; further ones wait, and beyond that get 503. Default: no limit. */
  admission?: AdmissionRateOptions | false;
  /** How long the body of a request may take to come; beyond it 408. Default 30,000. */
  bodyTimeout?: number;
  /** How long a session that the server has closed waits for the poll that it can be told with, and for its last answer to be read. Default 30,000. */
  closeTimeout?: number;
  /** How long clients may take to say goodbye in `Server.close`. Default 1,000. */
  shutdownTimeout?: number;
  /** The longest head of a request, in bytes, on ports that we open; beyond it 431. Default: Node's, 16 KiB. */
  maxHeaderSize?: number;
  /** Whether `session.request.raw` keeps the request that began the session, which costs memory. Default false. */
  keepRequest?: boolean;
  /**
   * Which proxies are believed when they say for whom they ask (`X-Forwarded-For`, `X-Forwarded-Proto`), which is what `address` and `handshakeRate` go by:
   * how many, their addresses and networks, or a function. Default false: none; the client is the peer.
   */
  trustProxy?: TrustProxy;
  /** Where failures are reported that nobody listens for. Default: warnings and errors to the console. */
  logger?: Logger;
  /** Where time comes from. Default: the machine's clock. */
  clock?: Clock;
}

/** All names. */
const NAMES: Record<keyof ServerOptions, true> = {
  path: true,
  addTrailingSlash: true,
  destroyUpgrade: true,
  destroyUpgradeTimeout: true,
  pingInterval: true,
  pingTimeout: true,
  upgradeTimeout: true,
  maxHttpBufferSize: true,
  maxBufferedBytes: true,
  maxTotalBufferedBytes: true,
  overflow: true,
  transports: true,
  allowUpgrades: true,
  allowEIO3: true,
  link: true,
  allowRequest: true,
  generateId: true,
  handshakeTimeout: true,
  cors: true,
  cookie: true,
  httpCompression: true,
  perMessageDeflate: true,
  maxSessions: true,
  handshakeRate: true,
  admission: true,
  bodyTimeout: true,
  closeTimeout: true,
  shutdownTimeout: true,
  maxHeaderSize: true,
  keepRequest: true,
  trustProxy: true,
  logger: true,
  clock: true,
};

/** The options with their defaults, as the parts of a server need them. */
export interface EngineSettings {
  readonly sessions: SessionOptions;
  readonly rules: RequestRules;
  readonly path: string;
  readonly addTrailingSlash: boolean;
  readonly destroyUpgrade: boolean;
  readonly allowRequest: AllowRequest | undefined;
  readonly generateId: ((request: IncomingMessage) => string | PromiseLike<string>) | undefined;
  readonly handshakeTimeoutMs: number;
  readonly cors: CorsOptions | CorsOptionsDelegate | true | undefined;
  readonly cookie: CookieOptions | true | undefined;
  readonly httpCompression: HttpCompressionOptions | undefined;
  readonly perMessageDeflate: PerMessageDeflateOptions | boolean;
  readonly maxSessions: number;
  readonly handshakeRate: HandshakeRateOptions | undefined;
  readonly admission: AdmissionRate | undefined;
  readonly bodyTimeoutMs: number;
  readonly maxHeaderSize: number | undefined;
  readonly keepRequest: boolean;
  readonly findOrigin: FindOrigin;
  readonly logger: Logger;
}

/** The longest that a timer can wait, in milliseconds (25 days); a longer one would fire at once. */
export const MAX_TIMER_MS: number = 2 ** 31 - 1;
const TRANSPORTS: readonly string[] = ["polling", "websocket", "sse"] satisfies TransportName[];

/** The options with their defaults, checked. Throws a `RangeError` for a value that can't be, a `TypeError` for what is not supported. */
export function withDefaults(options: ServerOptions): EngineSettings {
  const { logger = consoleLogger } = options;
  checkOptionNames(options, NAMES, logger);
  const { transports = ["polling", "websocket"], overflow = "terminate", handshakeRate = false } = options;
  for (const name of transports) {
    if (!TRANSPORTS.includes(name)) throw new RangeError(`The option "transports" can't have "${name}".`);
  }
  if (overflow !== "terminate" && overflow !== "drop") {
    throw new RangeError(`The option "overflow" must be "terminate" or "drop", not "${String(overflow)}".`);
  }
  if (handshakeRate !== false) {
    atLeast(1, "handshakeRate.max", handshakeRate.max);
    more("handshakeRate.perMs", handshakeRate.perMs);
  }
  const { httpCompression = true, cors = false, cookie = false, clock = systemClock } = options;
  return {
    sessions: {
      pingIntervalMs: timer("pingInterval", options.pingInterval, 25_000, more),
      pingTimeoutMs: timer("pingTimeout", options.pingTimeout, 20_000, more),
      maxMessageBytes: more("maxHttpBufferSize", options.maxHttpBufferSize ?? 1_000_000),
      maxBufferedBytes: atLeast(0, "maxBufferedBytes", options.maxBufferedBytes ?? 64 * 1024 * 1024),
      maxTotalBufferedBytes: atLeast(
        0,
        "maxTotalBufferedBytes",
        options.maxTotalBufferedBytes ?? defaultTotalBytes(),
      ),
      overflow,
      upgradeTimeoutMs: timer("upgradeTimeout", options.upgradeTimeout, 10_000, more),
      shutdownTimeoutMs: timer("shutdownTimeout", options.shutdownTimeout, 1_000, notNegative),
      closeGraceMs: timer("closeTimeout", options.closeTimeout, 30_000, notNegative),
      clock,
      random: systemRandom,
    },
    rules: { transports, allowUpgrades: options.allowUpgrades ?? true, link: options.link ?? true },
    path: options.path ?? "/engine.io/",
    addTrailingSlash: options.addTrailingSlash ?? true,
    destroyUpgrade: options.destroyUpgrade ?? true,
    allowRequest: options.allowRequest,
    generateId: options.generateId,
    handshakeTimeoutMs: timer("handshakeTimeout", options.handshakeTimeout, 10_000, more),
    cors: cors === false ? undefined : cors,
    cookie: cookie === false ? undefined : cookie,
    httpCompression: httpCompression === true ? {} : httpCompression || undefined,
    perMessageDeflate: options.perMessageDeflate ?? false,
    maxSessions: atLeast(1, "maxSessions", options.maxSessions ?? Number.POSITIVE_INFINITY),
    handshakeRate: handshakeRate || undefined,
    admission: options.admission ? admissionRate(options.admission) : undefined,
    bodyTimeoutMs: timer("bodyTimeout", options.bodyTimeout, 30_000, more),
    maxHeaderSize:
      options.maxHeaderSize === undefined ? undefined : more("maxHeaderSize", options.maxHeaderSize),
    keepRequest: options.keepRequest ?? false,
    findOrigin: originFinder(options.trustProxy ?? false),
    logger,
  };
}

function admissionRate(options: AdmissionRateOptions): AdmissionRate {
  checkNames("admission", options, ["perSecond", "burst", "maxWaiting"]);
  const perSecond = more("admission.perSecond", options.perSecond);
  return {
    perSecond,
    burst: atLeast(1, "admission.burst", options.burst ?? Math.max(1, perSecond / 10)),
    maxWaiting: notNegative("admission.maxWaiting", options.maxWaiting ?? perSecond * 5),
  };
}

/** @internal The beginning of the paths that are ours: one slash before it and, unless that is not wanted, one behind. */
export function pathPrefix(path: string, addTrailingSlash: boolean): string {
  const bare = path.replace(/^\/+|\/+$/g, "");
  return bare === "" ? "/" : `/${bare}${addTrailingSlash ? "/" : ""}`;
}

type Check = (name: string, value: number) => number;

function timer(name: string, value: number | undefined, byDefault: number, check: Check): number {
  const checked = check(name, value ?? byDefault);
  if (checked <= MAX_TIMER_MS) return checked;
  throw new RangeError(`The option "${name}" must be at most ${MAX_TIMER_MS} ms, not ${checked}.`);
}

function more(name: string, value: number): number {
  if (value > 0) return value;
  throw new RangeError(`The option "${name}" must be more than 0, not ${value}.`);
}

function atLeast(least: number, name: string, value: number): number {
  if (value >= least) return value;
  throw new RangeError(`The option "${name}" must be ${least} or more, not ${value}.`);
}

function notNegative(name: string, value: number): number {
  return atLeast(0, name, value);
}
