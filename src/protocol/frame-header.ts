import * as breach from "./breaches.ts";
import { BINARY, CLOSE, CONTINUATION, MAX_CONTROL_PAYLOAD_BYTES, PONG } from "./opcodes.ts";

/** The longest header (RFC 6455 §5.2). */
export const MAX_HEADER_BYTES = 14;

/** How long a header is, by its second byte. */
export function headerSize(second: number, isMasked: boolean): number {
  const length = second & 0x7f;
  return (length === 127 ? 10 : length === 126 ? 4 : 2) + (isMasked ? 4 : 0);
}

/** Throws what is wrong with a first byte; `isInMessage`: whether the last fragment of a message is still to come. */
export function checkFirstByte(first: number, allowCompressed: boolean, isInMessage: boolean): void {
  const opcode = first & 0x0f;
  if ((first & 0x30) !== 0) throw breach.unexpectedRsv23();
  if ((first & 0x40) !== 0 && (!allowCompressed || opcode === CONTINUATION || opcode > BINARY)) {
    throw breach.unexpectedRsv1(allowCompressed);
  }
  if (opcode >= CLOSE) {
    if (opcode > PONG) throw breach.reservedOpcode(opcode);
    // RFC 6455 §5.5: control frames must not be fragmented.
    if ((first & 0x80) === 0) throw breach.fragmentedControl();
  } else if (opcode > BINARY) {
    throw breach.reservedOpcode(opcode);
  } else if ((opcode === CONTINUATION) !== isInMessage) {
    throw opcode === CONTINUATION ? breach.strayContinuation() : breach.messageInsideMessage();
  }
}

/** Throws what is wrong with a second byte. */
export function checkSecondByte(first: number, second: number, isMasked: boolean): void {
  if (((second & 0x80) !== 0) !== isMasked) throw breach.wrongMask(isMasked);
  if ((first & 0x08) === 0) return;
  const length = second & 0x7f;
  if (length > MAX_CONTROL_PAYLOAD_BYTES) throw breach.controlTooLong();
  // RFC 6455 §5.5.1: a body begins with a two-byte code. The length tells that this one can't.
  if (length === 1 && (first & 0x0f) === CLOSE) throw breach.closeOfOneByte();
}

/** The length of the payload, of a header that is all here. Throws for a form that is not the shortest (RFC 6455 §5.2), and for what can't be. */
export function readLength(bytes: Uint8Array, offset: number, maxMessageBytes: number): number {
  const length = bytes[offset + 1]! & 0x7f;
  if (length < 126) return length;
  return length === 126
    ? readMediumLength(bytes, offset + 2)
    : readLongLength(bytes, offset + 2, maxMessageBytes);
}

/** The masking key, which stands just before the payload, as a big-endian integer. */
export function readMaskKey(bytes: Uint8Array, payload: number): number {
  return (
    (bytes[payload - 4]! << 24) |
    (bytes[payload - 3]! << 16) |
    (bytes[payload - 2]! << 8) |
    bytes[payload - 1]!
  );
}

function readMediumLength(bytes: Uint8Array, at: number): number {
  const length = (bytes[at]! << 8) | bytes[at + 1]!;
  if (length < 126) throw breach.notShortest(16, length);
  return length;
}

function readLongLength(bytes: Uint8Array, at: number, maxMessageBytes: number): number {
  const high = uint32(bytes, at);
  const low = uint32(bytes, at + 4);
  // RFC 6455 §5.2: the most significant bit must be 0. Past 2^53 no message can be held anyway.
  if (high > 0x1f_ffff) {
    throw high >= 0x8000_0000 ? breach.topBitSet() : breach.tooBig(maxMessageBytes);
  }
  const length = high * 0x1_0000_0000 + low;
  if (length <= 0xffff) throw breach.notShortest(64, length);
  return length;
}

function uint32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}
