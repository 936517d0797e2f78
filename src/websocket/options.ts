import type { RequestOptions } from "node:https";
import type { ZlibOptions } from "node:zlib";
import type { DeflateWishes } from "../protocol/index.ts";
import type { Clock } from "../shared/clock.ts";
import type { Logger } from "../shared/logger.ts";
import type { OverflowPolicy } from "./buffer-limit.ts";
import type { CompressionSettings } from "./deflate/compression.ts";
import { ZlibPool } from "./deflate/zlib-pool.ts";

/** How messages are compressed (RFC 7692), by the names of `ws`. */
export interface PerMessageDeflateOptions {
  /** Our server, or the server that is connected to, must begin each message with an empty window. Default false. */
  serverNoContextTakeover?: boolean;
  /** The client must. Default false. */
  clientNoContextTakeover?: boolean;
  /** The server's window, as a power of two, 9 to 15. Default 15. */
  serverMaxWindowBits?: number;
  /** The client's, 9 to 15; a server with a number here declines clients that can't choose. Default 15. */
  clientMaxWindowBits?: number | true;
  /** Without context takeover, messages shorter than this are not compressed, in bytes. Default 1,024. */
  threshold?: number;
  /** How many long messages may be worked on in the thread pool at a time. Default 10. */
  concurrencyLimit?: number;
  /** For zlib: level, memLevel, strategy. */
  zlibDeflateOptions?: Omit<ZlibOptions, "windowBits">;
  /** For zlib. */
  zlibInflateOptions?: Omit<ZlibOptions, "windowBits">;
}

/** What servers and clients have in common. */
export interface CommonOptions {
  /** The longest message taken, in bytes, inflated; a longer one closes with 1009. Default 100 MiB; 0: no limit. */
  maxPayload?: number;
  /** The most bytes that may wait to be sent; beyond it `overflow` applies. Default 64 MiB; 0: no limit. */
  maxBufferedBytes?: number;
  /** What happens then: the connection is ended (`terminate`) or the message left out (`drop`). Default `terminate`. */
  overflow?: OverflowPolicy;
  /** How long the peer may take to finish the close handshake, in milliseconds. Default 30,000. */
  closeTimeout?: number;
  /** Whether pings are answered. Default true. */
  autoPong?: boolean;
  /** Compression. Default: a client offers it, a server declines it. */
  perMessageDeflate?: boolean | PerMessageDeflateOptions;
  /** After how much silence a ping is sent, in milliseconds. Default 0: never. */
  pingInterval?: number;
  /** How long the peer may stay silent after that ping before it is given up, in milliseconds. Default: `pingInterval`. */
  pingTimeout?: number;
  /** Where listeners that throw are reported. Default: the console. */
  logger?: Logger;
  /** Where time comes from. Default: the machine's clock. */
  clock?: Clock;
}

/** Options of a client; those of `https.request` (`ca`, `agent`, `auth`, `localAddress` …) are handed on to it. */
export interface WebSocketOptions
  extends
    CommonOptions,
    Omit<
      RequestOptions,
      "host" | "hostname" | "port" | "path" | "method" | "headers" | "protocol" | "timeout"
    > {
  /** Headers to send with the handshake. */
  headers?: Record<string, string | readonly string[]>;
  /** The `Origin` header. */
  origin?: string;
  /** How long the server may take to answer, in milliseconds. Default 10,000. */
  handshakeTimeout?: number;
  /** Whether to follow redirects. Default false. */
  followRedirects?: boolean;
  /** How many. Default 10. */
  maxRedirects?: number;
}

/** The documented defaults, for server and client. */
export const DEFAULTS: {
  readonly handshakeTimeout: number;
  readonly maxPayload: number;
  readonly maxBufferedBytes: number;
  readonly closeTimeout: number;
  readonly maxRedirects: number;
  readonly threshold: number;
  readonly concurrencyLimit: number;
} = {
  handshakeTimeout: 10_000,
  maxPayload: 100 * 1024 * 1024,
  maxBufferedBytes: 64 * 1024 * 1024,
  closeTimeout: 30_000,
  maxRedirects: 10,
  threshold: 1024,
  concurrencyLimit: 10,
};

/** What is wanted of compression, and what all connections of one server or client share for it. */
export interface DeflateSetup {
  readonly wishes: DeflateWishes;
  readonly settings: CompressionSettings;
}

/** Clients that want nothing special share one setup. */
let plainSetup: DeflateSetup | undefined;

/** Makes the setup for an option; undefined if it says no. Throws a `RangeError` for a number that can't be. */
export function deflateSetup(option: boolean | PerMessageDeflateOptions): DeflateSetup | undefined {
  if (option === false) return undefined;
  if (option === true) return (plainSetup ??= makeSetup({}));
  return makeSetup(option);
}

function makeSetup(options: PerMessageDeflateOptions): DeflateSetup {
  const { serverMaxWindowBits, clientMaxWindowBits } = options;
  for (const [name, bits] of Object.entries({ serverMaxWindowBits, clientMaxWindowBits })) {
    if (bits === undefined || bits === true) continue;
    if (Number.isInteger(bits) && bits >= 9 && bits <= 15) continue;
    throw new RangeError(`The option "${name}" must be a whole number from 9 to 15, not ${String(bits)}.`);
  }
  const { concurrencyLimit = DEFAULTS.concurrencyLimit, threshold = DEFAULTS.threshold } = options;
  if (!(concurrencyLimit >= 1)) {
    throw new RangeError(`The option "concurrencyLimit" must be at least 1, not ${concurrencyLimit}.`);
  }
  return {
    wishes: {
      serverNoContextTakeover: options.serverNoContextTakeover,
      clientNoContextTakeover: options.clientNoContextTakeover,
      serverMaxWindowBits,
      clientMaxWindowBits,
    },
    settings: {
      thresholdBytes: threshold,
      pool: new ZlibPool({
        deflate: options.zlibDeflateOptions ?? {},
        inflate: options.zlibInflateOptions ?? {},
        concurrencyLimit,
        atOnce: true,
      }),
    },
  };
}
