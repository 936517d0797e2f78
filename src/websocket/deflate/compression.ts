import type { DeflateParameters, ProtocolError } from "../../protocol/index.ts";
import type { PreparedMessage } from "../prepared-message.ts";
import type { SharedFrames } from "../shared-frames.ts";
import { Compressor } from "./compressor.ts";
import { Decompressor } from "./decompressor.ts";
import type { ZlibPool } from "./zlib-pool.ts";

/** What the connections of a server or client have in common. */
export interface CompressionSettings {
  readonly pool: ZlibPool;
  /** Shorter messages are not compressed where each begins with an empty window. */
  readonly thresholdBytes: number;
}

/** permessage-deflate on one connection, both directions. */
export class Compression {
  readonly #settings: CompressionSettings;
  readonly #compressor: Compressor;
  readonly #decompressor: Decompressor;
  readonly #windowBits: number;
  readonly #keepsHistory: boolean;

  constructor(
    settings: CompressionSettings,
    parameters: DeflateParameters,
    role: "server" | "client",
    maxMessageBytes: number,
  ) {
    const server = {
      windowBits: parameters.serverMaxWindowBits,
      keepsHistory: !parameters.serverNoContextTakeover,
    };
    const client = {
      windowBits: parameters.clientMaxWindowBits,
      keepsHistory: !parameters.clientNoContextTakeover,
    };
    const [ours, theirs] = role === "server" ? [server, client] : [client, server];
    const { pool } = settings;
    this.#settings = settings;
    this.#windowBits = ours.windowBits;
    this.#keepsHistory = ours.keepsHistory;
    this.#compressor = new Compressor(pool, ours.windowBits, ours.keepsHistory);
    // zlib's own raw deflate uses a window of 9 bits where 8 were agreed on: peers that are built on it must be understood.
    this.#decompressor = new Decompressor(
      pool,
      Math.max(9, theirs.windowBits),
      theirs.keepsHistory,
      maxMessageBytes,
    );
  }

  /** Whether a message of this length should be compressed. */
  isWorthwhile(bytes: number): boolean {
    // zlib can't keep to a window of 8 bits: what can't be compressed rightly is sent as it is.
    return this.#windowBits > 8 && (this.#keepsHistory || bytes >= this.#settings.thresholdBytes);
  }

  /** See {@link Compressor.compress}. */
  compress(payload: Uint8Array, later: (compressed: Uint8Array) => void): Uint8Array | undefined {
    return this.#compressor.compress(payload, later);
  }

  /** See {@link Decompressor.decompress}. */
  decompress(
    payload: Uint8Array,
    later: (error: ProtocolError | undefined, message: Buffer) => void,
  ): Buffer | undefined {
    return this.#decompressor.decompress(payload, later);
  }

  /**
   * The frames of a message that many connections get, compressed once for all with the same window. It does not refer to what
   * came before it, so that any connection may send it; ours then forgets its history as well, to stay in step with the peer.
   */
  prepare(message: PreparedMessage): SharedFrames {
    if (message.payload.length < this.#settings.thresholdBytes || this.#windowBits <= 8) return message.plain;
    const { pool } = this.#settings;
    const frames = message.compressed(this.#windowBits, (payload) =>
      pool.compressOnce(payload, this.#windowBits),
    );
    this.#compressor.forget();
    return frames;
  }

  /** Lets go of the memory. */
  close(): void {
    this.#compressor.close();
    this.#decompressor.close();
  }
}
