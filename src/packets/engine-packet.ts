import { PacketError, readJson } from "./errors.ts";

/** The types of Engine.IO v4's packets; a packet's first digit is the index in this list. */
export const ENGINE_PACKET_TYPES = ["open", "close", "ping", "pong", "message", "upgrade", "noop"] as const;

export type EnginePacketType = (typeof ENGINE_PACKET_TYPES)[number];

const DIGITS: Readonly<Record<EnginePacketType, string>> = {
  open: "0",
  close: "1",
  ping: "2",
  pong: "3",
  message: "4",
  upgrade: "5",
  noop: "6",
};

/** The code of the digit that a text message begins with on a WebSocket: `4`. */
export const MESSAGE_DIGIT_CODE = 0x34;

/** What the server tells a client when a session begins: exactly these keys, the last one only in a link. */
export interface OpenPayload {
  readonly sid: string;
  readonly upgrades: readonly string[];
  readonly pingInterval: number;
  readonly pingTimeout: number;
  readonly maxPayload: number;
  /** The version of the link that was granted. */
  readonly link?: number;
}

/** A packet with text as it stands in a WebSocket message; binary messages travel as they are. */
export function encodeEnginePacket(type: EnginePacketType, data = ""): string {
  return DIGITS[type] + data;
}

/** The type of a packet that is text. Throws `PacketError` for an unknown one. */
export function enginePacketType(text: string): EnginePacketType {
  const type = ENGINE_PACKET_TYPES[text.charCodeAt(0) - 0x30];
  if (type === undefined) throw new PacketError("Not a packet.");
  return type;
}

/** Reads the payload of an open packet. Throws `PacketError` if something is missing. */
export function parseOpenPayload(json: string): OpenPayload {
  const { sid, upgrades, pingInterval, pingTimeout, maxPayload, link } = (readJson(json) ??
    {}) as Partial<OpenPayload>;
  if (typeof sid !== "string" || !isPositive(pingInterval) || !isPositive(pingTimeout)) {
    throw new PacketError("No open packet.");
  }
  return {
    sid,
    upgrades: Array.isArray(upgrades) ? upgrades : [],
    pingInterval,
    pingTimeout,
    maxPayload: isPositive(maxPayload) ? maxPayload : 0,
    ...(isPositive(link) && { link }),
  };
}

function isPositive(value: unknown): value is number {
  return typeof value === "number" && value > 0;
}
