import { BINARY, headerBytes, TEXT, writeHeader } from "../protocol/index.ts";
import { SharedFrames } from "./shared-frames.ts";

const FIN = 0x80;
const RSV1 = 0x40;

/**
 * A message made once to be sent to many connections; made by `prepare()`. It keeps one encoding for each way in which
 * connections want it: plain, and compressed with each window size.
 */
export class PreparedMessage {
  readonly isText: boolean;
  readonly payload: Uint8Array;
  /** Whether connections that have negotiated compression may get it compressed. */
  readonly mayCompress: boolean;
  #plain: SharedFrames | undefined;
  #compressed: Map<number, SharedFrames> | undefined;

  /** `payload` must be UTF-8 if it is text, and must not change afterwards. */
  constructor(payload: Uint8Array, isText: boolean, mayCompress: boolean) {
    this.payload = payload;
    this.isText = isText;
    this.mayCompress = mayCompress;
  }

  /** The message as it is. */
  get plain(): SharedFrames {
    return (this.#plain ??= frame(FIN | this.#opcode, this.payload));
  }

  /** The message compressed for a window size, made by `compress` the first time it is asked for. */
  compressed(windowBits: number, compress: (payload: Uint8Array) => Uint8Array): SharedFrames {
    let frames = this.#compressed?.get(windowBits);
    if (frames === undefined) {
      frames = frame(FIN | RSV1 | this.#opcode, compress(this.payload));
      (this.#compressed ??= new Map()).set(windowBits, frames);
    }
    return frames;
  }

  get #opcode(): number {
    return this.isText ? TEXT : BINARY;
  }
}

/** A server's frame, which is not masked. */
function frame(firstByte: number, payload: Uint8Array): SharedFrames {
  const header = headerBytes(payload.length, false);
  const bytes = Buffer.allocUnsafeSlow(header + payload.length);
  writeHeader(bytes, 0, firstByte, payload.length, undefined);
  bytes.set(payload, header);
  return new SharedFrames(bytes);
}
