import { PacketError } from "./errors.ts";

/** The version of the link that is spoken here; see docs/protocol/link.md. */
export const LINK_VERSION = 1;
/** After so many messages without one, an acknowledgement is sent by itself. */
export const MESSAGES_PER_ACK = 256;
/** After so many bytes of messages without one, an acknowledgement is sent by itself. */
export const BYTES_PER_ACK: number = 64 * 1024;

/** The most digits that a count can have and still be a safe integer. */
const MAX_DIGITS = 15;

/** Reads a count of messages, or a move: digits and nothing else. Throws `PacketError` for anything else. */
export function parseCount(text: string): number {
  if (!/^\d+$/.test(text) || text.length > MAX_DIGITS) {
    throw new PacketError("Not a count.");
  }
  return Number(text);
}

/** What an upgrade packet carries in a link. */
export interface LinkMove {
  /** How often the client has changed or renewed its transport. */
  readonly move: number;
  /** How many messages it has received. */
  readonly ack: number;
}

/** The data of an upgrade packet. */
export function encodeLinkMove({ move, ack }: LinkMove): string {
  return `${move},${ack}`;
}

/** Reads the data of an upgrade packet. Throws `PacketError` if it is not two counts. */
export function parseLinkMove(data: string): LinkMove {
  const comma = data.indexOf(",");
  return { move: parseCount(data.slice(0, Math.max(comma, 0))), ack: parseCount(data.slice(comma + 1)) };
}
