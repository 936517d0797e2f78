import { ProtocolError } from "./errors.ts";
import { MAX_CONTROL_PAYLOAD_BYTES } from "./opcodes.ts";

export function unexpectedRsv1(isNegotiated: boolean): ProtocolError {
  return new ProtocolError(
    "WS_ERR_UNEXPECTED_RSV_1",
    isNegotiated
      ? "Invalid frame: RSV1 may only be set on the first frame of a message."
      : "Invalid frame: RSV1 must be 0, no extension was negotiated.",
  );
}

export function unexpectedRsv23(): ProtocolError {
  return new ProtocolError(
    "WS_ERR_UNEXPECTED_RSV_2_3",
    "Invalid frame: RSV2 and RSV3 must be 0, no extension defines them.",
  );
}

export function reservedOpcode(opcode: number): ProtocolError {
  return new ProtocolError(
    "WS_ERR_INVALID_OPCODE",
    `Invalid frame: opcode 0x${opcode.toString(16)} is reserved.`,
  );
}

export function strayContinuation(): ProtocolError {
  return new ProtocolError(
    "WS_ERR_INVALID_OPCODE",
    "Invalid frame: a continuation without a message to continue.",
  );
}

export function messageInsideMessage(): ProtocolError {
  return new ProtocolError(
    "WS_ERR_INVALID_OPCODE",
    "Invalid frame: a new message began before the last fragment of the one before.",
  );
}

export function fragmentedControl(): ProtocolError {
  return new ProtocolError("WS_ERR_EXPECTED_FIN", "Invalid frame: a control frame must not be fragmented.");
}

export function controlTooLong(): ProtocolError {
  return new ProtocolError(
    "WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH",
    `Invalid frame: a control frame carries at most ${MAX_CONTROL_PAYLOAD_BYTES} bytes.`,
  );
}

export function closeOfOneByte(): ProtocolError {
  return new ProtocolError(
    "WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH",
    "Invalid close frame: its body must be empty or begin with a two-byte code.",
  );
}

export function invalidCloseCode(code: number): ProtocolError {
  return new ProtocolError(
    "WS_ERR_INVALID_CLOSE_CODE",
    `Invalid close frame: ${code} is not a code that may be sent.`,
  );
}

/** `isExpected`: whether frames must be masked, as a client's. */
export function wrongMask(isExpected: boolean): ProtocolError {
  return isExpected
    ? new ProtocolError("WS_ERR_EXPECTED_MASK", "Invalid frame: a client must mask its frames.")
    : new ProtocolError("WS_ERR_UNEXPECTED_MASK", "Invalid frame: a server must not mask its frames.");
}

export function topBitSet(): ProtocolError {
  return new ProtocolError(
    "WS_ERR_INVALID_PAYLOAD_LENGTH",
    "Invalid frame: the top bit of a 64-bit payload length must be 0.",
  );
}

export function notShortest(bits: 16 | 64, length: number): ProtocolError {
  return new ProtocolError(
    "WS_ERR_INVALID_PAYLOAD_LENGTH",
    `Invalid frame: a ${bits}-bit length was used for a payload of ${length} bytes; the shortest form is required.`,
  );
}

export function tooBig(maxMessageBytes: number): ProtocolError {
  return new ProtocolError(
    "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH",
    `The message is longer than the ${maxMessageBytes} bytes that are accepted.`,
  );
}

export function invalidUtf8(): ProtocolError {
  return new ProtocolError("WS_ERR_INVALID_UTF8", "Invalid text: it is not UTF-8.");
}
