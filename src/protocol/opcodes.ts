/** Frame opcodes (RFC 6455 §5.2, §11.8). */
export const CONTINUATION = 0x0;
export const TEXT = 0x1;
export const BINARY = 0x2;
export const CLOSE = 0x8;
export const PING = 0x9;
export const PONG = 0xa;

/** A control frame's payload is at most this long (RFC 6455 §5.5). */
export const MAX_CONTROL_PAYLOAD_BYTES = 125;
