import { must, Unexpected } from "../../lib/verdict.ts";
import { describeBytes } from "../../lib/wire/describe.ts";

/** Socket.IO v5's packets as messages of the engine: a text, and after it its attachments. */

export type Message = string | Buffer;

/** A packet without its attachments' places: they are in `data`, as bytes. */
export interface Packet {
  type: PacketType;
  namespace: string;
  id: number | undefined;
  data: unknown;
}

export type PacketType = "connect" | "disconnect" | "event" | "ack" | "connect_error";

/** The digit of a type; with attachments it is three more. */
const DIGITS = { connect: 0, disconnect: 1, event: 2, ack: 3, connect_error: 4 } as const;
const TYPES = ["connect", "disconnect", "event", "ack", "connect_error", "event", "ack"] as const;
const BINARY_EVENT = 5;

/** Writes a packet as it must be written. */
export function encode({ type, namespace, id, data }: Packet): Message[] {
  const attachments: Buffer[] = [];
  const payload = data === undefined ? undefined : takeBytes(data, attachments);
  const digit = DIGITS[type] + (attachments.length > 0 ? 3 : 0);
  const count = attachments.length > 0 ? `${attachments.length}-` : "";
  const place = namespace === "/" ? "" : `${namespace},`;
  const json = payload === undefined ? "" : JSON.stringify(payload);
  return [`${digit}${count}${place}${id ?? ""}${json}`, ...attachments];
}

/** An event as messages, for most of what the suite sends. */
export function event(namespace: string, args: readonly unknown[], id?: number): Message[] {
  return encode({ type: "event", namespace, id, data: args });
}

export function ack(namespace: string, id: number, args: readonly unknown[]): Message[] {
  return encode({ type: "ack", namespace, id, data: args });
}

function takeBytes(value: unknown, attachments: Buffer[]): unknown {
  if (Buffer.isBuffer(value)) return { _placeholder: true, num: attachments.push(value) - 1 };
  if (Array.isArray(value)) return value.map((item) => takeBytes(item, attachments));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, takeBytes(item, attachments)]));
}

/** A text that was read, and how many attachments must follow. */
export interface Announced {
  packet: Packet;
  attachments: number;
}

/** Reads a text strictly: only what `encode` could have written. Throws `Unexpected` for anything else. */
export function parse(text: string): Announced {
  const got = describeMessage(text);
  const match = /^([0-6])(?:(\d+)-)?(\/[^,]*,?)?(\d+)?([^]*)$/.exec(text);
  must(match !== null, "a Socket.IO packet", got);
  const [, digit, count, place, id, json = ""] = match;
  const type = TYPES[Number(digit)]!;
  const isBinary = Number(digit) >= BINARY_EVENT;
  must(isBinary === (count !== undefined), "a count of attachments in binary packets, and only there", got);
  for (const number of [count, id]) {
    must(number === undefined || String(BigInt(number)) === number, "numbers in their shortest form", got);
  }
  must(place !== "/,", "no word of the main namespace", got);
  const data = json === "" ? undefined : parseJson(json, got);
  expectPayload(type, data, got);
  return {
    packet: {
      type,
      namespace: place === undefined ? "/" : place.replace(/,$/, ""),
      id: id === undefined ? undefined : Number(id),
      data,
    },
    attachments: Number(count ?? 0),
  };
}

function parseJson(json: string, got: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new Unexpected("a payload in JSON", got);
  }
}

function expectPayload(type: PacketType, data: unknown, got: string): void {
  const isObject = typeof data === "object" && data !== null && !Array.isArray(data);
  if (type === "connect") must(data === undefined || isObject, "an object or nothing", got);
  else if (type === "disconnect") must(data === undefined, "a DISCONNECT without a payload", got);
  else if (type === "connect_error") must(isObject, "a CONNECT_ERROR with an object", got);
  else must(Array.isArray(data), "an array", got);
}

/** Puts attachments in their places: each must have at least one, and each place its attachment. */
export function putBytes(value: unknown, attachments: readonly Buffer[]): unknown {
  const unused = new Set(attachments.keys());
  const put = (inner: unknown): unknown => {
    if (Array.isArray(inner)) return inner.map(put);
    if (typeof inner !== "object" || inner === null) return inner;
    if (!("_placeholder" in inner)) {
      return Object.fromEntries(Object.entries(inner).map(([key, item]) => [key, put(item)]));
    }
    const { num } = inner as { num?: unknown };
    const bytes = typeof num === "number" ? attachments[num] : undefined;
    must(bytes !== undefined, "places of attachments that came", JSON.stringify(inner));
    unused.delete(num as number);
    return bytes;
  };
  const whole = put(value);
  must(unused.size === 0, "a place for every attachment", `none for number ${[...unused].join(", ")}`);
  return whole;
}

/** A message in a few words for a report. */
export function describeMessage(message: Message): string {
  if (typeof message !== "string") return `binary of ${describeBytes(message)}`;
  return message.length > 120
    ? `${JSON.stringify(message.slice(0, 100))}… (${message.length} characters)`
    : JSON.stringify(message);
}

/** A packet in a few words for a report: its text, and its attachments' lengths. */
export function describePacket(packet: Packet): string {
  const [text = "", ...attachments] = encode(packet);
  return [text, ...attachments].map(describeMessage).join(" and ");
}
