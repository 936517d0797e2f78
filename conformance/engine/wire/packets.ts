/** Engine.IO v4's packets and payloads, as text. */

/** The first character of a packet. */
export const TYPE = {
  open: "0",
  close: "1",
  ping: "2",
  pong: "3",
  message: "4",
  upgrade: "5",
  noop: "6",
} as const;

const SEPARATOR = "\u001e";

/** Packets as the body of a request or an answer. */
export function payload(...packets: readonly string[]): string {
  return packets.join(SEPARATOR);
}

export function splitPayload(body: string): string[] {
  return body.split(SEPARATOR);
}

/** A message as a packet for polling: text, or binary in base64. */
export function messagePacket(data: string | Uint8Array): string {
  return typeof data === "string" ? TYPE.message + data : `b${Buffer.from(data).toString("base64")}`;
}

/** A packet in a few words for a report. */
export function describePacket(packet: string): string {
  const size = Buffer.byteLength(packet);
  return size > 80 ? `${JSON.stringify(packet.slice(0, 60))}… (${size} bytes)` : JSON.stringify(packet);
}
