import { hasBinary, MAX_ATTACHMENTS, putAttachments, takeAttachments } from "./attachments.ts";
import { PacketError, readJson } from "./errors.ts";

/** The types of Socket.IO v5's packets, binary variants apart: those differ only on the wire. */
export type SocketPacketType = "connect" | "disconnect" | "event" | "ack" | "connect_error";

/** A packet of Socket.IO v5. */
export interface SocketPacket {
  readonly type: SocketPacketType;
  /** `/` is the main one. */
  readonly namespace: string;
  /** Which acknowledgement is wanted, or given. */
  readonly id: number | undefined;
  /** event and ack: an array; connect: an object or undefined; connect_error: a string or an object. */
  readonly data: unknown;
  /**
   * Ours, for who has asked: the packet's number in the log, or in the client's outbox; in an ack without id and data, up to which one all are done
   * (docs/protocol/delivery.md).
   */
  readonly position?: number | undefined;
}

/** A packet as it leaves: one text, then its attachments, with nothing in between. */
export interface EncodedSocketPacket {
  readonly text: string;
  readonly attachments: readonly Uint8Array[];
}

/** Names of events that are told apart from a user's own. */
export const RESERVED_EVENTS: ReadonlySet<string> = new Set([
  "connect",
  "connect_error",
  "disconnect",
  "disconnecting",
  "newListener",
  "removeListener",
]);

/** A wire digit is the index in this list; the last two are those with attachments. */
export const SOCKET_PACKET_TYPES: readonly SocketPacketType[] = [
  "connect",
  "disconnect",
  "event",
  "ack",
  "connect_error",
  "event",
  "ack",
];

const BINARY_EVENT = 5;
const NO_ATTACHMENTS: readonly Uint8Array[] = [];

/** Encodes a packet. Throws if its data can't be represented: a circular value, too many attachments. */
export function encodeSocketPacket(packet: SocketPacket): EncodedSocketPacket {
  const { json, attachments } = encodeBody(packet.data, packet.type === "event" || packet.type === "ack");
  return { text: socketPacketText(packet, json, attachments.length), attachments };
}

/** What a packet carries, as JSON, and the binary data that was taken out of it. */
export interface EncodedBody {
  /** Empty: nothing. */
  readonly json: string;
  readonly attachments: readonly Uint8Array[];
}

/** Encodes what a packet carries. Throws if it can't be represented: a circular value, too many attachments. */
export function encodeBody(data: unknown, mayHaveBinary = true): EncodedBody {
  if (data === undefined) return { json: "", attachments: NO_ATTACHMENTS };
  if (!mayHaveBinary || !hasBinary(data)) return { json: JSON.stringify(data), attachments: NO_ATTACHMENTS };
  const attachments: Uint8Array[] = [];
  return { json: JSON.stringify(takeAttachments(data, attachments)), attachments };
}

/** The text of a packet whose body is encoded already. */
export function socketPacketText(
  { type, namespace, position, id }: Omit<SocketPacket, "data">,
  json: string,
  attachments: number,
): string {
  let text = String(SOCKET_PACKET_TYPES.indexOf(type) + (attachments > 0 ? 3 : 0));
  if (attachments > 0) text += `${attachments}-`;
  if (namespace !== "/") text += `${namespace},`;
  if (position !== undefined) text += `@${position},`;
  if (id !== undefined) text += id;
  return text + json;
}

/** Whether a text begins a packet that attachments follow; such texts are for a {@link SocketPacketDecoder}. */
export function isBinaryPacket(text: string): boolean {
  const digit = text.charCodeAt(0) - 0x30;
  return digit === BINARY_EVENT || digit === BINARY_EVENT + 1;
}

/** Decodes a packet that no attachments belong to. Throws `PacketError` for whatever is not allowed. */
export function decodeSocketPacket(text: string): SocketPacket {
  return parse(text, isBinaryPacket(text) ? endOfCount(text, 0) : 1);
}

/**
 * Puts packets together from texts and attachments, one decoder per session.
 * Throws `PacketError` for whatever is not allowed; the session must then be closed.
 */
export class SocketPacketDecoder {
  readonly #maxAttachments: number;
  #waiting: SocketPacket | undefined;
  #due = 0;
  #attachments: Uint8Array[] = [];

  /** `maxAttachments` bounds what one packet may announce; each attachment is as long as a message may be. */
  constructor(maxAttachments: number = MAX_ATTACHMENTS) {
    this.#maxAttachments = maxAttachments;
  }

  /** Takes a text; returns its packet, unless attachments are still due. */
  addText(text: string): SocketPacket | undefined {
    if (this.#waiting !== undefined) {
      throw new PacketError("An attachment is due.");
    }
    if (!isBinaryPacket(text)) return parse(text, 1);
    const end = endOfCount(text, this.#maxAttachments);
    const packet = parse(text, end);
    this.#due = Number(text.slice(1, end - 1));
    if (this.#due === 0) return packet;
    this.#waiting = packet;
    return undefined;
  }

  /** Takes an attachment; returns the packet that it completes. */
  addBinary(bytes: Uint8Array): SocketPacket | undefined {
    const packet = this.#waiting;
    if (packet === undefined) throw new PacketError("No attachment is due.");
    this.#attachments.push(bytes);
    if (this.#attachments.length < this.#due) return undefined;
    const attachments = this.#attachments;
    this.#waiting = undefined;
    this.#attachments = [];
    return { ...packet, data: putAttachments(packet.data, attachments) };
  }
}

/** Where the number of a binary packet's attachments, and the dash behind it, end. */
function endOfCount(text: string, maxAttachments: number): number {
  const [start = "", count] = /^.(\d+)-/.exec(text) ?? [];
  if (!(Number(count) <= maxAttachments)) throw new PacketError(`Not 0 to ${maxAttachments} attachments.`);
  return start.length;
}

/** Parses a packet, of which all but the type begins at `start`. */
function parse(text: string, start: number): SocketPacket {
  const type = SOCKET_PACKET_TYPES[text.charCodeAt(0) - 0x30];
  if (type === undefined) throw new PacketError("Not a packet.");
  let at = start;

  let namespace = "/";
  if (text[at] === "/") {
    const comma = text.indexOf(",", at);
    const end = comma < 0 ? text.length : comma;
    namespace = text.slice(at, end);
    at = comma < 0 ? end : comma + 1;
  }

  let position: number | undefined;
  if (text[at] === "@") {
    const end = endOfDigits(text, at + 1);
    position = Number(text.slice(at + 1, end));
    if (end === at + 1 || (text[end] !== "," && end < text.length) || !Number.isSafeInteger(position)) {
      throw new PacketError("Not a position.");
    }
    at = end + 1;
  }

  let id: number | undefined;
  const afterId = endOfDigits(text, at);
  if (afterId > at) {
    id = Number(text.slice(at, afterId));
    if (!Number.isSafeInteger(id)) throw new PacketError("Not an id.");
    at = afterId;
  }

  const data = at < text.length ? parseJson(text.slice(at)) : undefined;
  const packet = { type, namespace, id, data, position };
  if (!isAllowed(packet)) throw new PacketError(`No data for "${type}".`);
  return packet;
}

/** Whether a packet may carry what it does. */
function isAllowed({ type, id, data, position }: SocketPacket): boolean {
  const isPlain = position === undefined;
  switch (type) {
    case "connect":
      return isPlain && (data === undefined || isPlainObject(data));
    case "disconnect":
      return isPlain && data === undefined;
    case "connect_error":
      // It has a position where it answers an event.
      return (isPlain || id !== undefined) && (typeof data === "string" || isPlainObject(data));
    case "ack":
      // One that has a position and nothing else says what is done.
      return Array.isArray(data) || !(isPlain || id !== undefined || data !== undefined);
    case "event": {
      const name: unknown = Array.isArray(data) ? data[0] : undefined;
      return typeof name === "number" || (typeof name === "string" && !RESERVED_EVENTS.has(name));
    }
  }
}

/** How the letters of `__proto__` can be written in JSON, beside as they are. */
const ESCAPED_PROTO_LETTER = /\\u00(?:5f|6f|7[024])/i;

/** Keys called `__proto__` are left out: whoever copies such an object key by key would change a prototype. */
function parseJson(json: string): unknown {
  const isSuspect = json.includes("__proto__") || (json.includes("\\u00") && ESCAPED_PROTO_LETTER.test(json));
  const value = readJson(json);
  if (isSuspect) removeProto(value);
  return value;
}

/** In place, without recursion: who sends this may nest it as deep as it likes. JSON.parse with a function would take ten times as long. */
function removeProto(root: unknown): void {
  const open = [root];
  while (open.length > 0) {
    const value = open.pop();
    if (!(value instanceof Object)) continue;
    delete (value as Record<string, unknown>)["__proto__"];
    for (const inner of Object.values(value)) open.push(inner);
  }
}

function endOfDigits(text: string, start: number): number {
  let at = start;
  for (let code = text.charCodeAt(at); code >= 0x30 && code <= 0x39; code = text.charCodeAt(at)) at += 1;
  return at;
}

function isPlainObject(value: unknown): boolean {
  return value instanceof Object && !Array.isArray(value);
}
