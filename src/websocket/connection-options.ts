import { isUtf8 } from "node:buffer";
import type { DeflateParameters, FrameParserOptions } from "../protocol/index.ts";
import { type Clock, systemClock } from "../shared/clock.ts";
import type { BufferLimit } from "./buffer-limit.ts";
import type { CompressionSettings } from "./deflate/compression.ts";
import { type CommonOptions, DEFAULTS } from "./options.ts";

/** How a connection behaves. */
export interface ConnectionOptions extends BufferLimit {
  readonly role: "server" | "client";
  /** The longest message taken, in bytes, inflated (0: no limit). */
  readonly maxMessageBytes: number;
  /** How long the peer may take to finish the close handshake. */
  readonly closeTimeoutMs: number;
  /** Whether pings are answered; default true. */
  readonly autoPong?: boolean;
  readonly clock: Clock;
  /** What compression was agreed on, if any. */
  readonly deflate?: { readonly settings: CompressionSettings; readonly parameters: DeflateParameters };
}

/** How connections behave, by the options of a server or a client. */
export function connectionOptions(
  role: ConnectionOptions["role"],
  options: CommonOptions,
): ConnectionOptions {
  return {
    role,
    maxMessageBytes: options.maxPayload ?? DEFAULTS.maxPayload,
    maxBufferedBytes: options.maxBufferedBytes ?? DEFAULTS.maxBufferedBytes,
    overflow: options.overflow ?? "terminate",
    closeTimeoutMs: options.closeTimeout ?? DEFAULTS.closeTimeout,
    autoPong: options.autoPong ?? true,
    clock: options.clock ?? systemClock,
  };
}

/** Connections with the same options share those of their parsers. */
const parserOptions = new WeakMap<ConnectionOptions, FrameParserOptions>();

/** What a connection's parser must know. */
export function parserOptionsOf(options: ConnectionOptions): FrameParserOptions {
  let made = parserOptions.get(options);
  if (made === undefined) {
    const { role, maxMessageBytes, deflate } = options;
    made = {
      role,
      maxMessageBytes,
      allowCompressed: deflate !== undefined,
      allocate: (bytes) => Buffer.allocUnsafeSlow(bytes),
      isUtf8,
    };
    parserOptions.set(options, made);
  }
  return made;
}
