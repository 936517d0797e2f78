/** Close codes (RFC 6455 §7.4.1 and the IANA registry). */
export const CLOSE_NORMAL = 1000;
export const CLOSE_GOING_AWAY = 1001;
export const CLOSE_PROTOCOL_ERROR = 1002;
export const CLOSE_UNSUPPORTED_DATA = 1003;
/** Never on the wire: the close frame had no code. */
export const CLOSE_NO_STATUS = 1005;
/** Never on the wire: the stream ended without a close frame. */
export const CLOSE_ABNORMAL = 1006;
export const CLOSE_INVALID_PAYLOAD = 1007;
export const CLOSE_POLICY_VIOLATION = 1008;
export const CLOSE_MESSAGE_TOO_BIG = 1009;
export const CLOSE_INTERNAL_ERROR = 1011;
export const CLOSE_TRY_AGAIN_LATER = 1013;

/** A close frame's reason is at most this many bytes of UTF-8: 125 less the code (RFC 6455 §5.5). */
export const MAX_CLOSE_REASON_BYTES = 123;

/**
 * Whether a code may stand in a close frame: 1000-1003, 1007-1014 (registered), 3000-4999 (libraries
 * and applications). 1004 is reserved; 1005, 1006 and 1015 must never be sent (RFC 6455 §7.4).
 */
export function isValidCloseCode(code: number): boolean {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}
