import { PacketError } from "./errors.ts";

/** Stands between the packets of a polling payload. */
const SEPARATOR = "\u001E";
/** A binary message in a payload begins with this letter; a text packet never does. */
const BINARY_MARK = "b";

/** Standard base64 with padding; each platform has a fast one of its own. */
export interface Base64 {
  encode(bytes: Uint8Array): string;
  /** Throws `PacketError` for what is not base64. */
  decode(text: string): Uint8Array;
}

/** Takes the packets of a payload, in order. */
export interface PayloadSink {
  /** A packet that is text: its digit and its data. */
  receivePacket(packet: string): void;
  /** A binary message. */
  receiveBinary(data: Uint8Array): void;
}

/** A packet as it stands in a payload: text as it is, a binary message without a digit, as base64. */
export function encodePayloadPacket(packet: string | Uint8Array, base64: Base64): string {
  return typeof packet === "string" ? packet : BINARY_MARK + base64.encode(packet);
}

/** Puts packets that were encoded one by one into one payload. */
export function joinPayload(packets: readonly string[]): string {
  return packets.join(SEPARATOR);
}

/** Takes a payload apart. Stops, and throws `PacketError`, at the first packet that can't be read. */
export function readPayload(payload: string, base64: Base64, sink: PayloadSink): void {
  let start = 0;
  for (;;) {
    const end = payload.indexOf(SEPARATOR, start);
    readPayloadPacket(end < 0 ? payload.slice(start) : payload.slice(start, end), base64, sink);
    if (end < 0) return;
    start = end + 1;
  }
}

/** The bytes in a payload that is one binary message and nothing else; undefined for any other. */
export function loneBinaryLength(payload: string): number | undefined {
  if (!payload.startsWith(BINARY_MARK) || payload.includes(SEPARATOR)) return undefined;
  const padding = payload.endsWith("==") ? 2 : payload.endsWith("=") ? 1 : 0;
  return Math.floor(((payload.length - BINARY_MARK.length) * 3) / 4) - padding;
}

/** How long a payload with one binary message of so many bytes is. */
export function loneBinaryPayloadLength(bytes: number): number {
  return BINARY_MARK.length + Math.ceil(bytes / 3) * 4;
}

/** Reads one packet of a payload. Throws `PacketError` if it can't be read. */
export function readPayloadPacket(packet: string, base64: Base64, sink: PayloadSink): void {
  if (packet === "") throw new PacketError("Not a packet.");
  if (packet.startsWith(BINARY_MARK)) sink.receiveBinary(base64.decode(packet.slice(1)));
  else sink.receivePacket(packet);
}
