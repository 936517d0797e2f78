/** The longest header: 2 bytes, a 64-bit length, a masking key (RFC 6455 §5.2). */
export const MAX_HEADER_BYTES = 14;

/** How many bytes the header of a frame takes; RFC 6455 §5.2 wants the shortest length encoding. */
export function headerBytes(payloadBytes: number, masked: boolean): number {
  const length = payloadBytes <= 125 ? 2 : payloadBytes <= 0xffff ? 4 : 10;
  return masked ? length + 4 : length;
}

/**
 * Writes the header of a frame and returns where its payload begins.
 *
 * `firstByte` is FIN, RSV bits and opcode. `maskKey` is a big-endian 32-bit integer, or undefined for
 * the frames of a server, which are never masked (RFC 6455 §5.1).
 */
export function writeHeader(
  target: Uint8Array,
  offset: number,
  firstByte: number,
  payloadBytes: number,
  maskKey: number | undefined,
): number {
  const maskBit = maskKey === undefined ? 0 : 0x80;
  let at = offset;
  target[at++] = firstByte;
  if (payloadBytes <= 125) {
    target[at++] = maskBit | payloadBytes;
  } else if (payloadBytes <= 0xffff) {
    target[at++] = maskBit | 126;
    target[at++] = payloadBytes >>> 8;
    target[at++] = payloadBytes & 0xff;
  } else {
    target[at++] = maskBit | 127;
    at = writeUint32(target, at, Math.floor(payloadBytes / 0x1_0000_0000));
    at = writeUint32(target, at, payloadBytes >>> 0);
  }
  return maskKey === undefined ? at : writeUint32(target, at, maskKey);
}

function writeUint32(target: Uint8Array, offset: number, value: number): number {
  target[offset] = value >>> 24;
  target[offset + 1] = (value >>> 16) & 0xff;
  target[offset + 2] = (value >>> 8) & 0xff;
  target[offset + 3] = value & 0xff;
  return offset + 4;
}
