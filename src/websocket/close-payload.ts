import { isValidCloseCode, MAX_CLOSE_REASON_BYTES } from "../protocol/index.ts";

const EMPTY = Buffer.alloc(0);

/**
 * The body of a close frame: nothing, or a code and a reason (RFC 6455 §5.5.1).
 * Throws a `TypeError` for a code that may not be sent and a `RangeError` for a reason over 123 bytes.
 */
export function closePayload(code?: number, reason = ""): Buffer {
  if (code === undefined) {
    if (reason !== "") throw new TypeError("A close reason needs a close code.");
    return EMPTY;
  }
  if (!isValidCloseCode(code)) {
    throw new TypeError(`${code} is not a close code that may be sent: use 1000 or 3000 to 4999.`);
  }
  const bytes = Buffer.byteLength(reason);
  if (bytes > MAX_CLOSE_REASON_BYTES) {
    throw new RangeError(
      `A close reason is at most ${MAX_CLOSE_REASON_BYTES} bytes of UTF-8, this one is ${bytes}.`,
    );
  }
  const payload = Buffer.allocUnsafe(2 + bytes);
  payload.writeUInt16BE(code, 0);
  payload.write(reason, 2);
  return payload;
}
