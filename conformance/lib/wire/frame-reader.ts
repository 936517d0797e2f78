import { isUtf8 } from "node:buffer";
import { applyMask, isCloseCode, OPCODE } from "./frame.ts";

/** What came from the other side, in order. `violation` says in words which rule its bytes broke. */
export type Received =
  | { type: "text" | "binary"; data: Buffer; compressed: boolean }
  | { type: "ping" | "pong"; data: Buffer }
  | { type: "close"; code: number | undefined; reason: string }
  | { type: "end"; how: "ended" | "reset" }
  | { type: "violation"; sentence: string };

export interface ReaderOptions {
  /** Frames must be masked (we are the server) or must not be (we are the client). */
  masked: boolean;
  /** permessage-deflate was negotiated: RSV1 may stand on the first frame of a message. */
  deflate: boolean;
}

interface Header {
  fin: boolean;
  rsv: number;
  opcode: number;
  key: Buffer | undefined;
  payload: Buffer;
}

const NAMES: Record<number, string> = {
  0: "continuation",
  1: "text",
  2: "binary",
  8: "close",
  9: "ping",
  10: "pong",
};
/** Nothing in the suite is larger; a longer announcement is a fault of the other side. */
const LONGEST_FRAME = 64n * 1024n * 1024n;

class Violation extends Error {}

/** Turns bytes into messages and control frames, and accepts nothing that the RFC does not allow. */
export class FrameReader {
  readonly #options: ReaderOptions;
  readonly #sink: (received: Received) => void;
  readonly #head: Buffer = Buffer.alloc(14);
  #headFilled = 0;
  #frame: Header | undefined;
  #filled = 0;
  #message: { type: "text" | "binary"; compressed: boolean; parts: Buffer[] } | undefined;
  #closed = false;
  #broken = false;

  constructor(options: ReaderOptions, sink: (received: Received) => void) {
    this.#options = options;
    this.#sink = sink;
  }

  push(chunk: Buffer): void {
    if (this.#broken) return;
    try {
      this.#read(chunk);
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      this.#broken = true;
      this.#sink({ type: "violation", sentence: error.message });
    }
  }

  #read(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (!this.#frame) {
        this.#head[this.#headFilled++] = chunk[at++]!;
        if (this.#headFilled < this.#headLength()) continue;
        this.#frame = this.#readHeader();
        this.#headFilled = 0;
        this.#filled = 0;
      } else {
        const taken = chunk.copy(this.#frame.payload, this.#filled, at);
        this.#filled += taken;
        at += taken;
      }
      if (this.#filled < this.#frame.payload.length) continue;
      const frame = this.#frame;
      this.#frame = undefined;
      this.#finish(frame);
    }
  }

  #headLength(): number {
    if (this.#headFilled < 2) return 2;
    const second = this.#head[1]!;
    const length = second & 0x7f;
    return 2 + (length === 126 ? 2 : length === 127 ? 8 : 0) + (second & 0x80 ? 4 : 0);
  }

  #readHeader(): Header {
    const [first, second] = [this.#head[0]!, this.#head[1]!];
    const fin = (first & 0x80) !== 0;
    const rsv = (first >> 4) & 7;
    const opcode = first & 15;
    const name = NAMES[opcode];
    if (this.#closed) throw new Violation("a frame after its close frame");
    if (!name) throw new Violation(`a frame with the reserved opcode ${opcode}`);

    const masked = (second & 0x80) !== 0;
    if (masked && !this.#options.masked) throw new Violation(`a masked ${name} frame from a server`);
    if (!masked && this.#options.masked) throw new Violation(`an unmasked ${name} frame from a client`);

    const rsvAllowed = this.#options.deflate && (opcode === OPCODE.text || opcode === OPCODE.binary) ? 4 : 0;
    if (rsv & ~rsvAllowed)
      throw new Violation(`a ${name} frame with reserved bits ${rsv.toString(2).padStart(3, "0")}`);

    const short = second & 0x7f;
    const length =
      short === 126
        ? BigInt(this.#head.readUInt16BE(2))
        : short === 127
          ? this.#head.readBigUInt64BE(2)
          : BigInt(short);
    if ((short === 126 && length < 126n) || (short === 127 && length < 65536n)) {
      throw new Violation(`a ${name} frame whose length ${length} is not written in the fewest bytes`);
    }
    if (length > LONGEST_FRAME) throw new Violation(`a ${name} frame that announces ${length} bytes`);
    if (opcode >= 8 && !fin) throw new Violation(`a fragmented ${name} frame`);
    if (opcode >= 8 && length > 125n) throw new Violation(`a ${name} frame of ${length} bytes, over 125`);
    if (opcode === OPCODE.continuation && !this.#message) throw new Violation("a continuation of no message");
    if (opcode > 0 && opcode < 8 && this.#message)
      throw new Violation(`a ${name} frame inside a fragmented message`);

    const end = this.#headLength();
    const key = masked ? Buffer.from(this.#head.subarray(end - 4, end)) : undefined;
    return { fin, rsv, opcode, key, payload: Buffer.allocUnsafe(Number(length)) };
  }

  #finish({ fin, rsv, opcode, key, payload }: Header): void {
    if (key) applyMask(payload, key);
    if (opcode === OPCODE.ping) return this.#sink({ type: "ping", data: payload });
    if (opcode === OPCODE.pong) return this.#sink({ type: "pong", data: payload });
    if (opcode === OPCODE.close) return this.#finishClose(payload);

    this.#message ??= { type: opcode === OPCODE.text ? "text" : "binary", compressed: rsv === 4, parts: [] };
    this.#message.parts.push(payload);
    if (!fin) return;
    const { type, compressed, parts } = this.#message;
    this.#message = undefined;
    this.#sink({ type, compressed, data: parts.length === 1 ? parts[0]! : Buffer.concat(parts) });
  }

  #finishClose(payload: Buffer): void {
    this.#closed = true;
    if (payload.length === 0) return this.#sink({ type: "close", code: undefined, reason: "" });
    if (payload.length === 1) throw new Violation("a close frame with a body of one byte");
    const code = payload.readUInt16BE(0);
    const reason = payload.subarray(2);
    if (!isCloseCode(code)) throw new Violation(`a close frame with the code ${code}, which may not be sent`);
    if (!isUtf8(reason)) throw new Violation("a close frame whose reason is not UTF-8");
    this.#sink({ type: "close", code, reason: reason.toString() });
  }
}
