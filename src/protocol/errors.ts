import { CLOSE_INVALID_PAYLOAD, CLOSE_MESSAGE_TOO_BIG, CLOSE_PROTOCOL_ERROR } from "./close-codes.ts";

/** Stable names of breaches of the protocol. */
export type ProtocolErrorCode =
  | "WS_ERR_UNEXPECTED_RSV_1"
  | "WS_ERR_UNEXPECTED_RSV_2_3"
  | "WS_ERR_INVALID_OPCODE"
  | "WS_ERR_EXPECTED_FIN"
  | "WS_ERR_EXPECTED_MASK"
  | "WS_ERR_UNEXPECTED_MASK"
  | "WS_ERR_INVALID_PAYLOAD_LENGTH"
  | "WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH"
  | "WS_ERR_INVALID_CLOSE_CODE"
  | "WS_ERR_INVALID_UTF8"
  | "WS_ERR_INVALID_COMPRESSED_DATA"
  | "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH";

/** What a peer can do wrong after the handshake, and the close code it is answered with. */
const CLOSE_CODES: Readonly<Record<ProtocolErrorCode, number>> = {
  WS_ERR_UNEXPECTED_RSV_1: CLOSE_PROTOCOL_ERROR,
  WS_ERR_UNEXPECTED_RSV_2_3: CLOSE_PROTOCOL_ERROR,
  WS_ERR_INVALID_OPCODE: CLOSE_PROTOCOL_ERROR,
  WS_ERR_EXPECTED_FIN: CLOSE_PROTOCOL_ERROR,
  WS_ERR_EXPECTED_MASK: CLOSE_PROTOCOL_ERROR,
  WS_ERR_UNEXPECTED_MASK: CLOSE_PROTOCOL_ERROR,
  WS_ERR_INVALID_PAYLOAD_LENGTH: CLOSE_PROTOCOL_ERROR,
  WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH: CLOSE_PROTOCOL_ERROR,
  WS_ERR_INVALID_CLOSE_CODE: CLOSE_PROTOCOL_ERROR,
  WS_ERR_INVALID_UTF8: CLOSE_INVALID_PAYLOAD,
  WS_ERR_INVALID_COMPRESSED_DATA: CLOSE_INVALID_PAYLOAD,
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: CLOSE_MESSAGE_TOO_BIG,
};

/** The peer broke RFC 6455 or went over a limit. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
  /** Stable, for programs. */
  readonly code: ProtocolErrorCode;
  /** The code to close the connection with. */
  readonly closeCode: number;

  constructor(code: ProtocolErrorCode, message: string) {
    super(message);
    this.code = code;
    this.closeCode = CLOSE_CODES[code];
  }
}

/** Stable names of what can be wrong with an opening handshake. */
export type HandshakeErrorCode =
  | "WS_ERR_HANDSHAKE_METHOD"
  | "WS_ERR_HANDSHAKE_VERSION"
  | "WS_ERR_HANDSHAKE_HEADER"
  | "WS_ERR_HANDSHAKE_REFUSED"
  | "WS_ERR_HANDSHAKE_TIMEOUT"
  | "WS_ERR_HANDSHAKE_RESPONSE";

/** The opening handshake can't be completed. */
export class HandshakeError extends Error {
  override readonly name = "HandshakeError";
  /** Stable, for programs. */
  readonly code: HandshakeErrorCode;
  /** The HTTP status that a server answers with, or that a client received (0: none). */
  readonly status: number;
  /** Headers that belong to the answer. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: HandshakeErrorCode,
    status: number,
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.code = code;
    this.status = status;
    this.headers = headers;
  }
}
