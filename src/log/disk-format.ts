import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { Room } from "../sockets/room.ts";
import type { LogEntry, LoggedEntry, SeatRecord } from "../sockets/log.ts";
import { LogError } from "./errors.ts";

/** What stands in the database. All keys are text, so that their order is that of what they name. */

/** Digits of an offset or a time in a key: 48 bits. */
const DIGITS = 12;
const CHECKSUM_BYTES = 4;
const LENGTH_BYTES = 4;

/** The highest that a key can name. */
export const MAX_OFFSET: number = 16 ** DIGITS - 1;

/** A number as it stands in keys. */
export function digits(value: number): string {
  return value.toString(16).padStart(DIGITS, "0");
}

export function parseDigits(text: string): number {
  return Number.parseInt(text, 16);
}

/** A name's place in keys. Of JSON, as two names with broken characters are the same in UTF-8. */
export function placeOf(name: string): string {
  return createHash("sha256").update(JSON.stringify(name)).digest("base64url");
}

/** Some entries of one namespace, committed together, as their key says it. */
export interface Chunk {
  readonly place: string;
  readonly first: number;
  readonly count: number;
  readonly bytes: number;
  /** When the last of them was appended. */
  readonly timeMs: number;
}

export function chunkKey({ place, first, count, bytes, timeMs }: Chunk): string {
  return `e!${place}!${digits(first)}!${digits(count)}!${digits(bytes)}!${digits(timeMs)}`;
}

export function parseChunkKey(key: string): Chunk {
  const [, place = "", ...numbers] = key.split("!");
  const [first = 0, count = 0, bytes = 0, timeMs = 0] = numbers.map(parseDigits);
  return { place, first, count, bytes, timeMs };
}

/** The keys of a namespace's chunks that begin at `from` or later, and before `to`. */
export function chunkRange(place: string, from: number, to: number): { gte: string; lt: string } {
  return { gte: `e!${place}!${digits(from)}`, lt: `e!${place}!${digits(to)}` };
}

/** What of an entry is JSON. */
type Head = [
  timeMs: number,
  type: LogEntry["type"],
  id: number | null,
  rooms: readonly Room[],
  except: readonly Room[],
  body: string,
  lengths: readonly number[],
];

function headOf({ type, id, rooms, except, body, attachments }: LogEntry, timeMs: number): Head {
  const lengths = attachments.map(({ byteLength }) => byteLength);
  return [timeMs, type, id ?? null, rooms, except, body, lengths];
}

/** A chunk's bytes: a checksum, how long the heads of its entries are, these as JSON, all at once, as that is cheaper, and their attachments. */
export function encodeChunk(entries: readonly LogEntry[], timesMs: readonly number[]): Buffer {
  const heads = JSON.stringify(entries.map((entry, index) => headOf(entry, timesMs[index]!)));
  const attachments = entries.flatMap((entry) => entry.attachments);
  const headBytes = Buffer.byteLength(heads);
  const begin = CHECKSUM_BYTES + LENGTH_BYTES;
  let place = begin + headBytes;
  const bytes = attachments.reduce((sum, { byteLength }) => sum + byteLength, place);
  const chunk = Buffer.allocUnsafeSlow(bytes);
  chunk.writeUInt32LE(headBytes, CHECKSUM_BYTES);
  chunk.write(heads, begin);
  for (const attachment of attachments) {
    chunk.set(attachment, place);
    place += attachment.byteLength;
  }
  chunk.writeUInt32LE(crc32(chunk.subarray(CHECKSUM_BYTES)));
  return chunk;
}

/** The entries of a chunk that begins at `first`. Throws a `LogError` if it is not what was written. */
export function decodeChunk(chunk: Buffer, first: number): LoggedEntry[] {
  const begin = CHECKSUM_BYTES + LENGTH_BYTES;
  if (chunk.length < begin || chunk.readUInt32LE() !== crc32(chunk.subarray(CHECKSUM_BYTES))) {
    throw new LogError("LOG_DAMAGED", `What was kept at offset ${first} is damaged.`);
  }
  let place = begin + chunk.readUInt32LE(CHECKSUM_BYTES);
  const heads = JSON.parse(chunk.toString("utf8", begin, place)) as Head[];
  return heads.map(([timeMs, type, id, rooms, except, body, lengths], index) => ({
    type,
    id: id ?? undefined,
    rooms,
    except,
    body,
    // Copies: else a small one would keep the whole chunk.
    attachments: lengths.map((length) => new Uint8Array(chunk.subarray(place, (place += length)))),
    offset: first + index,
    timeMs,
  }));
}

/** An entry that is kept for one room, as its key says it. */
export function historyKey(prefix: string, offset: number, timeMs: number, bytes: number): string {
  return `${prefix}${digits(offset)}!${digits(timeMs)}!${digits(bytes)}`;
}

/** The keys of all histories of a namespace. */
export function historyRange(place: string): { gte: string; lt: string } {
  return { gte: `h!${place}!`, lt: `h!${place}~` };
}

/** What the keys of a room's history begin with. */
export function historyPrefix(place: string, room: Room): string {
  return `h!${place}!${placeOf(room)}!`;
}

export function parseHistoryKey(key: string): {
  readonly offset: number;
  readonly timeMs: number;
  readonly bytes: number;
} {
  const [offset = 0, timeMs = 0, bytes = 0] = key.split("!").slice(3).map(parseDigits);
  return { offset, timeMs, bytes };
}

/** A seat on disk. */
export interface DiskSeat {
  readonly record: SeatRecord;
  readonly generation: number;
  /** Until when it is kept, in milliseconds since 1970; null: somebody sat there. */
  readonly dueMs: number | null;
}

/** A record as it is now, of whatever kind the object is. */
export function copyOfRecord({ socketId, stays, data, since, confirmed, sequence }: SeatRecord): SeatRecord {
  return {
    socketId,
    stays: stays.map(({ room, after, upTo }) => ({ room, after, upTo })),
    data,
    since,
    confirmed,
    sequence,
  };
}

export function namespaceKey(place: string): string {
  return `n!${place}`;
}

export function seatKey(place: string, seat: string): string {
  return `s!${place}!${seat}`;
}

/** JSON behind its checksum. */
export function encodeJson(value: unknown): Buffer {
  const json = JSON.stringify(value);
  return Buffer.from(crc32(json).toString(16).padStart(8, "0") + json);
}

/** What `encodeJson` was given. Throws a `LogError` if it is not what was written. */
export function decodeJson(bytes: Buffer): unknown {
  const text = bytes.toString();
  const json = text.slice(8);
  if (Number.parseInt(text.slice(0, 8), 16) !== crc32(json)) {
    throw new LogError("LOG_DAMAGED", "A seat or a namespace that was kept is damaged.");
  }
  return JSON.parse(json);
}
