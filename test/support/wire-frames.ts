/** Frames as the RFC draws them: a plain encoder and decoder that share nothing with `src/protocol`. */

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** What a frame is made of; every default is what a well-behaved client sends. */
export interface FrameOptions {
  /** Default true. */
  readonly fin?: boolean;
  /** RSV1, RSV2 and RSV3 as three bits: 4, 2, 1. Default 0. */
  readonly rsv?: number;
  /** Four bytes, or false for a frame that is not masked. Default `DEFAULT_KEY`. */
  readonly mask?: readonly number[] | false;
  /** How the length is written: 7, 16 or 64 bits. Default: the shortest that fits. */
  readonly lengthBits?: 7 | 16 | 64;
  /** The length that the header announces, if not the payload's. */
  readonly announced?: bigint;
}

export const DEFAULT_KEY: readonly number[] = [0x37, 0xfa, 0x21, 0x3d];

/** One frame. Masked like a client's unless `mask` is false. */
export function frame(opcode: number, payload: string | Uint8Array = "", options: FrameOptions = {}): Buffer {
  const body = Buffer.from(payload);
  const length = options.announced ?? BigInt(body.length);
  const bits = options.lengthBits ?? (length <= 125n ? 7 : length <= 65535n ? 16 : 64);
  const mask = options.mask ?? DEFAULT_KEY;
  const first = ((options.fin ?? true) ? 0x80 : 0) | ((options.rsv ?? 0) << 4) | opcode;
  const maskBit = mask === false ? 0 : 0x80;
  const header = [first, maskBit | (bits === 7 ? Number(length) : bits === 16 ? 126 : 127)];
  for (let shift = bits === 7 ? 0 : bits; shift > 0; shift -= 8) {
    header.push(Number((length >> BigInt(shift - 8)) & 0xffn));
  }
  if (mask === false) return Buffer.concat([Buffer.from(header), body]);
  return Buffer.concat([Buffer.from([...header, ...mask]), masked(body, mask)]);
}

/** RFC 6455 §5.3, literally. */
function masked(body: Uint8Array, mask: ArrayLike<number>): Buffer {
  const result = Buffer.allocUnsafe(body.length);
  for (let index = 0; index < body.length; index += 1) result[index] = body[index]! ^ mask[index % 4]!;
  return result;
}

/** The body of a close frame. */
export function closeBody(code: number, reason: string | Uint8Array = ""): Buffer {
  return Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason)]);
}

/** A frame as it was received, unmasked. */
export interface ReceivedFrame {
  readonly fin: boolean;
  readonly rsv: number;
  readonly opcode: number;
  readonly masked: boolean;
  /** The masking key, empty if there was none. */
  readonly key: Buffer;
  readonly payload: Buffer;
}

/** Takes the first frame off a buffer; undefined if it is not all there. */
export function takeFrame(bytes: Buffer): { frame: ReceivedFrame; rest: Buffer } | undefined {
  if (bytes.length < 2) return undefined;
  const isMasked = bytes[1]! >= 0x80;
  let length = bytes[1]! & 0x7f;
  let at = 2;
  if (length === 126) {
    if (bytes.length < 4) return undefined;
    length = bytes.readUInt16BE(2);
    at = 4;
  } else if (length === 127) {
    if (bytes.length < 10) return undefined;
    length = Number(bytes.readBigUInt64BE(2));
    at = 10;
  }
  const keyEnd = at + (isMasked ? 4 : 0);
  if (bytes.length < keyEnd + length) return undefined;
  const key = bytes.subarray(at, keyEnd);
  const body = bytes.subarray(keyEnd, keyEnd + length);
  const first = bytes[0]!;
  return {
    frame: {
      fin: first >= 0x80,
      rsv: (first >> 4) & 7,
      opcode: first & 0xf,
      masked: isMasked,
      key: Buffer.from(key),
      payload: isMasked ? masked(body, key) : Buffer.from(body),
    },
    rest: bytes.subarray(keyEnd + length),
  };
}

/** Takes all frames off a buffer; throws if the last one is not complete. */
export function takeFrames(bytes: Buffer): ReceivedFrame[] {
  const frames: ReceivedFrame[] = [];
  for (let rest = bytes; rest.length > 0;) {
    const taken = takeFrame(rest);
    if (taken === undefined) throw new Error(`The last frame is cut off: ${rest.toString("hex")}`);
    frames.push(taken.frame);
    rest = taken.rest;
  }
  return frames;
}

/** The code and reason of a close frame; undefined if its body is empty. */
export function closeOf(received: ReceivedFrame): { code: number; reason: string } | undefined {
  if (received.opcode !== OPCODE.close) throw new Error(`Not a close frame: opcode ${received.opcode}.`);
  if (received.payload.length === 0) return undefined;
  return { code: received.payload.readUInt16BE(0), reason: received.payload.toString("utf8", 2) };
}
