import { createDeflate, createGzip, deflate, gzip, type ZlibOptions } from "node:zlib";

/** How answers are compressed: the options of Node's zlib, and from which length on. */
export interface HttpCompressionOptions extends ZlibOptions {
  /** Shorter answers are sent as they are, in bytes. Default 1,024. */
  threshold?: number;
}

/** A way to compress that clients may accept; those that they like as much are chosen in this order. */
export type ContentEncoding = "gzip" | "deflate";

const ENCODINGS: readonly ContentEncoding[] = ["gzip", "deflate"];
const COMPRESSORS = { gzip, deflate } as const;

/** Compresses answers to polls, for clients that accept it. */
export class HttpCompression {
  readonly #options: ZlibOptions;
  readonly #threshold: number;

  /** Throws a `RangeError` or `TypeError` for an option that zlib does not take. */
  constructor({ threshold = 1024, ...options }: HttpCompressionOptions = {}) {
    createGzip(options).close();
    createDeflate(options).close();
    this.#options = options;
    this.#threshold = threshold;
  }

  /** How to compress an answer of so many bytes; undefined: not at all. */
  choose(acceptEncoding: string | undefined, byteLength: number): ContentEncoding | undefined {
    return acceptEncoding === undefined || byteLength < this.#threshold
      ? undefined
      : bestEncoding(acceptEncoding);
  }

  /** Compresses in the thread pool; calls back with undefined if it failed. */
  compress(
    encoding: ContentEncoding,
    body: Buffer,
    callback: (compressed: Buffer | undefined) => void,
  ): void {
    COMPRESSORS[encoding](body, this.#options, (error, compressed) => {
      callback(error === null ? compressed : undefined);
    });
  }
}

/** What a client likes best (RFC 9110 §12.5.3); undefined if it accepts neither. */
export function bestEncoding(acceptEncoding: string): ContentEncoding | undefined {
  const weights = new Map<string, number>();
  for (const part of acceptEncoding.toLowerCase().split(",")) {
    const [name = "", ...parameters] = part.split(";").map((piece) => piece.trim());
    const weight = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
    weights.set(name, weight === undefined ? 1 : Number(weight));
  }
  let best: ContentEncoding | undefined;
  let bestWeight = 0;
  for (const encoding of ENCODINGS) {
    const weight = weights.get(encoding) ?? weights.get("*") ?? 0;
    if (weight > bestWeight) {
      best = encoding;
      bestWeight = weight;
    }
  }
  return best;
}
