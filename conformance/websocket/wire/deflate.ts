import zlib from "node:zlib";

/** What both sides agreed on for one connection (RFC 7692 §7.1); in the words of the wire. */
export interface DeflateParameters {
  serverNoContextTakeover: boolean;
  clientNoContextTakeover: boolean;
  serverMaxWindowBits: number;
  clientMaxWindowBits: number;
}

/** The end of every flushed deflate block; it is left out on the wire (§7.2.1). */
const TAIL = Buffer.of(0x00, 0x00, 0xff, 0xff);

export interface Window {
  bits: number;
  takeover: boolean;
}

/** Compresses messages one after another, with or without remembering the ones before. */
export class Compressor {
  readonly #window: Window;
  #context: zlib.DeflateRaw | undefined;

  constructor(window: Window) {
    this.#window = window;
  }

  async compress(message: Uint8Array): Promise<Buffer> {
    // zlib writes nothing for an empty message; §7.2.3.6 says what to send.
    if (message.length === 0) return Buffer.of(0);
    this.#context ??= this.#open();
    const bytes = await flushed(this.#context, [message]);
    if (!this.#window.takeover) this.destroy();
    return bytes.subarray(0, -TAIL.length);
  }

  destroy(): void {
    this.#context?.close();
    this.#context = undefined;
  }

  #open(): zlib.DeflateRaw {
    // zlib cannot keep to a window of 256 bytes; runs of one byte reach back by one and fit any window.
    const strategy = this.#window.bits === 8 ? zlib.constants.Z_RLE : zlib.constants.Z_DEFAULT_STRATEGY;
    return zlib.createDeflateRaw({ windowBits: Math.max(9, this.#window.bits), strategy });
  }
}

/** Inflates messages; a reference further back than the window rejects. */
export class Inflater {
  readonly #window: Window;
  #context: zlib.InflateRaw | undefined;

  constructor(window: Window) {
    this.#window = window;
  }

  async inflate(message: Uint8Array): Promise<Buffer> {
    this.#context ??= this.#open();
    const context = this.#context;
    const bytes = await flushed(context, [message, TAIL]);
    // A block marked as the last one ends the context (§7.2.3.4); the next message starts a new one.
    if (!this.#window.takeover || context.readableEnded) this.destroy();
    return bytes;
  }

  destroy(): void {
    this.#context?.close();
    this.#context = undefined;
  }

  #open(): zlib.InflateRaw {
    // zlib checks a distance only where it leaves the output buffer: a buffer of half a window makes sure it does.
    const chunkSize = this.#window.bits < 15 ? 2 ** (this.#window.bits - 1) : 64 * 1024;
    return zlib.createInflateRaw({ windowBits: this.#window.bits, chunkSize });
  }
}

function flushed(context: zlib.DeflateRaw | zlib.InflateRaw, input: readonly Uint8Array[]): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const output: Buffer[] = [];
    const take = (bytes: Buffer): void => void output.push(bytes);
    const settle = (error?: Error): void => {
      context.off("data", take);
      context.off("error", settle);
      context.off("end", done);
      if (error) reject(error);
      else resolve(Buffer.concat(output));
    };
    const done = (): void => settle();
    context.on("data", take);
    context.once("error", settle);
    context.once("end", done);
    for (const bytes of input) context.write(bytes);
    context.flush(zlib.constants.Z_SYNC_FLUSH, done);
  });
}

/** A whole message as one deflate stream, for cases that build the bytes themselves; with the tail taken off. */
export function deflateMessage(message: Uint8Array, options: zlib.ZlibOptions = {}): Buffer {
  const bytes = zlib.deflateRawSync(message, { ...options, finishFlush: zlib.constants.Z_SYNC_FLUSH });
  return bytes.subarray(0, -TAIL.length);
}

/** Deflate blocks that store their bytes as they are: `last` sets BFINAL on the final one. */
export function storedBlocks(parts: readonly Uint8Array[], last = false): Buffer {
  return Buffer.concat(
    parts.flatMap((part, i) => {
      const head = Buffer.alloc(5);
      head[0] = last && i === parts.length - 1 ? 1 : 0;
      head.writeUInt16LE(part.length, 1);
      head.writeUInt16LE(part.length ^ 0xffff, 3);
      return [head, part];
    }),
  );
}
