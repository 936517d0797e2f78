/** Frames as bytes (RFC 6455 §5.2). The encoder obeys: it writes whatever it is told, right or wrong. */

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** Which end of the connection a speaker is. A client masks its frames, a server never does. */
export type Role = "client" | "server";

export interface Frame {
  opcode: number;
  /** Text is encoded as UTF-8. Default: nothing. */
  payload?: Uint8Array | string;
  /** Default: true. */
  fin?: boolean;
  /** The three reserved bits as a number: 4 is RSV1, 2 is RSV2, 1 is RSV3. Default: 0. */
  rsv?: number;
  /** A key masks with it, `true` with a fixed key, `false` not at all. Default: what the role must do. */
  mask?: Uint8Array | boolean;
  /** Write the length in this many extra bytes even where fewer would do. Default: the fewest. */
  lengthBytes?: 0 | 2 | 8;
  /** Announce this length whatever the payload is. */
  announcedLength?: bigint;
}

/** Any key does for a test, and a fixed one makes every run write the same bytes. */
const USUAL_KEY = Uint8Array.of(0x37, 0xfa, 0x21, 0x3d);

const NOTHING = new Uint8Array(0);

export function encodeFrame(frame: Frame, role: Role): Buffer {
  const payload = typeof frame.payload === "string" ? Buffer.from(frame.payload) : (frame.payload ?? NOTHING);
  const length = frame.announcedLength ?? BigInt(payload.length);
  const lengthBytes = frame.lengthBytes ?? (length < 126n ? 0 : length < 65536n ? 2 : 8);
  const mask = frame.mask ?? role === "client";
  const key = mask === true ? USUAL_KEY : mask === false ? NOTHING : mask;

  const start = 2 + lengthBytes + key.length;
  const bytes = Buffer.allocUnsafe(start + payload.length);
  bytes[0] = ((frame.fin ?? true) ? 0x80 : 0) | ((frame.rsv ?? 0) << 4) | frame.opcode;
  bytes[1] =
    (key.length > 0 ? 0x80 : 0) | (lengthBytes === 0 ? Number(length) : lengthBytes === 2 ? 126 : 127);
  if (lengthBytes === 2) bytes.writeUInt16BE(Number(length), 2);
  if (lengthBytes === 8) bytes.writeBigUInt64BE(length, 2);
  bytes.set(key, 2 + lengthBytes);
  bytes.set(payload, start);
  if (key.length > 0) applyMask(bytes.subarray(start), key);
  return bytes;
}

/** XORs the bytes in place with the key repeated (§5.3), from its byte `phase` on; twice is the same as never. */
export function applyMask(bytes: Uint8Array, key: Uint8Array, phase = 0): void {
  let i = 0;
  const toByte = (end: number): void => {
    for (; i < end; i++) bytes[i]! ^= key[(phase + i) & 3]!;
  };
  if (bytes.length >= 64) {
    // Four bytes at a time over the aligned middle: the suite moves hundreds of megabytes.
    toByte(-bytes.byteOffset & 3);
    const turned = Uint8Array.from([0, 1, 2, 3], (n) => key[(phase + i + n) & 3]!);
    const word = new Int32Array(turned.buffer)[0]!;
    const words = new Int32Array(bytes.buffer, bytes.byteOffset + i, (bytes.length - i) >> 2);
    for (let w = 0; w < words.length; w++) words[w]! ^= word;
    i += words.length * 4;
  }
  toByte(bytes.length);
}

/** The body of a close frame (§5.5.1): a code, and after it a reason in UTF-8. */
export function closeBody(code: number, reason: Uint8Array | string = ""): Buffer {
  const body = Buffer.concat([Buffer.alloc(2), Buffer.from(reason)]);
  body.writeUInt16BE(code);
  return body;
}

/** One message as fragments of the given payloads: first the opcode, then continuations, FIN on the last. */
export function fragments(opcode: number, parts: readonly (Uint8Array | string)[], rsv = 0): Frame[] {
  return parts.map((payload, i) => ({
    opcode: i === 0 ? opcode : OPCODE.continuation,
    payload,
    fin: i === parts.length - 1,
    rsv: i === 0 ? rsv : 0,
  }));
}

/** Cuts bytes into pieces of `size`; the last may be shorter. Nothing is cut into one empty piece. */
export function pieces(bytes: Uint8Array, size: number): Uint8Array[] {
  if (bytes.length === 0) return [bytes];
  const cut: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) cut.push(bytes.subarray(at, at + size));
  return cut;
}

/** Whether a close code may stand in a close frame (§7.4 and the IANA registry). */
export function isCloseCode(code: number): boolean {
  if (code >= 3000) return code <= 4999;
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
}
