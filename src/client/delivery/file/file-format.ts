/**
 * What stands in an outbox's file: a first line, and then one record for each write: its length, a checksum, and what was written. A record that was cut off, or
 * is not what was written, ends the file.
 */
import { crc32 } from "node:zlib";
import type { OutboxChanges, OutboxState, StoredEvent } from "../store.ts";

const utf8 = new TextEncoder();
const text = new TextDecoder();

/** The first line; the number is the version. */
export const FIRST_LINE: Uint8Array = utf8.encode("switchboard outbox 1\n");
/** Of the length, the checksum, and the length of what is JSON. */
const HEAD_BYTES = 12;

/** What of a record is JSON: the lengths stand for the binary data of an event, which follows. */
type Head = [
  removed: number,
  state: OutboxState,
  appended: [id: number | null, body: string, lengths: number[]][],
];

/** A record of the file. */
export function encodeRecord({ removed, state, appended }: OutboxChanges): Uint8Array {
  const head: Head = [
    removed,
    state,
    appended.map(({ id, text: body, binary }) => [id ?? null, body, binary.map(({ length }) => length)]),
  ];
  const json = utf8.encode(JSON.stringify(head));
  const parts = [json, ...appended.flatMap(({ binary }) => binary)];
  const length = parts.reduce((sum, part) => sum + part.length, HEAD_BYTES);
  const record = new Uint8Array(length);
  const view = new DataView(record.buffer);
  view.setUint32(0, length);
  view.setUint32(8, json.length);
  let at = HEAD_BYTES;
  for (const part of parts) {
    record.set(part, at);
    at += part.length;
  }
  view.setUint32(4, checksum(record));
  return record;
}

/** What a file says, up to where it makes sense. */
export interface Contents {
  readonly events: readonly StoredEvent[];
  readonly state: OutboxState | undefined;
  /** Where it ends; 0: it has not even its first line. */
  readonly end: number;
  /** What follows is no record that was cut off when its process ended: it was written, and can't be read. */
  readonly isDamaged: boolean;
}

/** Reads a file. Undefined if it is something else, or of another version. */
export function readContents(file: Uint8Array): Contents | undefined {
  const line = file.subarray(0, FIRST_LINE.length);
  if (line.some((byte, at) => byte !== FIRST_LINE[at])) return undefined;
  if (line.length < FIRST_LINE.length) {
    return { events: [], state: undefined, end: 0, isDamaged: false };
  }
  let events: StoredEvent[] = [];
  let removed = 0;
  let state: OutboxState | undefined;
  let end = FIRST_LINE.length;
  for (let record = recordAt(file, end); record !== undefined; record = recordAt(file, end)) {
    end += record.length;
    const changes = decodeRecord(record);
    events.push(...changes.appended);
    removed += changes.removed;
    ({ state } = changes);
    // Now and then, as most of a file is over.
    if (removed * 2 > events.length) {
      events = events.slice(removed);
      removed = 0;
    }
  }
  return { events: events.slice(removed), state, end, isDamaged: !isCutOff(file.subarray(end)) };
}

/** Whether bytes are the beginning of a record, or none. */
function isCutOff(rest: Uint8Array): boolean {
  if (rest.length < HEAD_BYTES) return true;
  return new DataView(rest.buffer, rest.byteOffset).getUint32(0) > rest.length;
}

/** The record that begins somewhere; undefined: there is none that is whole. */
function recordAt(file: Uint8Array, at: number): Uint8Array | undefined {
  if (at + HEAD_BYTES > file.length) return undefined;
  const view = new DataView(file.buffer, file.byteOffset + at);
  const length = view.getUint32(0);
  if (length < HEAD_BYTES || at + length > file.length) return undefined;
  const record = file.subarray(at, at + length);
  return view.getUint32(4) === checksum(record) ? record : undefined;
}

function decodeRecord(record: Uint8Array): OutboxChanges {
  let at = HEAD_BYTES + new DataView(record.buffer, record.byteOffset).getUint32(8);
  const [removed, state, appended] = JSON.parse(text.decode(record.subarray(HEAD_BYTES, at))) as Head;
  const take = (length: number): Uint8Array => record.slice(at, (at += length));
  return {
    removed,
    // What is undefined is not in JSON.
    state: { seat: state.seat, done: state.done, nextId: state.nextId },
    appended: appended.map(([id, body, lengths]) => ({
      id: id ?? undefined,
      text: body,
      binary: lengths.map(take),
    })),
  };
}

/** Of all but itself. */
function checksum(record: Uint8Array): number {
  return crc32(record.subarray(8), crc32(record.subarray(0, 4)));
}
