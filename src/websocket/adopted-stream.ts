import type { Duplex } from "node:stream";
import type { DeflateParameters } from "../protocol/index.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import type { CompressionSettings } from "./deflate/compression.ts";

/** A stream whose opening handshake is done but for its answer, and what was agreed on. */
export interface AdoptedStream {
  readonly stream: Duplex;
  /** What the connection has to send first, to complete the handshake; "" for nothing. */
  readonly answer: string;
  /** What came behind the handshake. */
  readonly head: Buffer;
  readonly protocol: string;
  /** May be shared by any number of connections. */
  readonly options: ConnectionOptions;
  /** The compression that was agreed on. */
  readonly deflate: { settings: CompressionSettings; parameters: DeflateParameters } | undefined;
}
