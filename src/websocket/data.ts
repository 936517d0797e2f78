import type { RawData } from "./event-target.ts";

/** What may be sent: text as a string (a number counts as its text), bytes as anything that holds bytes, or a list of such. */
export type WebSocketData = string | number | ArrayBufferLike | ArrayBufferView | readonly Uint8Array[];

/** How binary messages are handed over. */
export type BinaryType = "nodebuffer" | "arraybuffer" | "fragments" | "blob";

/** The longest payload of a ping or pong (RFC 6455 §5.5). */
const MAX_CONTROL_PAYLOAD_BYTES = 125;

/** What `Buffer` makes its slices with; unlike `subarray` it can be handed the memory, which is costly to ask a Buffer for. */
const FastBuffer = (Buffer as unknown as { [Symbol.species]: typeof Uint8Array })[
  Symbol.species
] as unknown as new (memory: ArrayBufferLike, offset: number, length: number) => Buffer;

/** Longer chunks are not remembered: they would be kept alive until the next one comes. */
const MAX_REMEMBERED_BYTES = 64 * 1024;
let lastChunk: Buffer | undefined;
let lastMemory: ArrayBufferLike = new ArrayBuffer(0);

/** `chunk.subarray(start, end)` in half the time when the same chunk is cut into many. */
export function slice(chunk: Buffer, start: number, end: number): Buffer {
  if (chunk !== lastChunk) {
    if (chunk.length > MAX_REMEMBERED_BYTES) return chunk.subarray(start, end);
    lastChunk = chunk;
    lastMemory = chunk.buffer;
  }
  return new FastBuffer(lastMemory, chunk.byteOffset + start, end - start);
}

const EMPTY = new Uint8Array(0);

/** The bytes of something that may be sent; not copied. As in `ws`, nothing is an empty message. Throws a `TypeError` for anything else. */
export function bytesOf(data: WebSocketData | null | undefined): Uint8Array {
  if (data === undefined || data === null) return EMPTY;
  if (typeof data === "string") return Buffer.from(data);
  if (typeof data === "number") return Buffer.from(String(data));
  if (data instanceof Uint8Array) return data;
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (data instanceof ArrayBuffer || data instanceof SharedArrayBuffer) return new Uint8Array(data);
  if (isList(data)) return Buffer.concat(data);
  throw new TypeError("A WebSocket message is a string, an ArrayBuffer or a view of one.");
}

/** The payload of a ping or pong. Throws a `RangeError` if it is too long. */
export function controlPayload(data: WebSocketData | null | undefined): Uint8Array {
  const bytes = bytesOf(data);
  if (bytes.length > MAX_CONTROL_PAYLOAD_BYTES) {
    throw new RangeError(`A ping or pong carries at most ${MAX_CONTROL_PAYLOAD_BYTES} bytes.`);
  }
  return bytes;
}

/** A binary message as the application wants it. */
export function binaryMessage(message: Buffer, type: BinaryType): RawData {
  switch (type) {
    case "nodebuffer":
      return message;
    case "arraybuffer":
      return Uint8Array.from(message).buffer;
    case "fragments":
      return [message];
    case "blob":
      return new Blob([Uint8Array.from(message)]) as unknown as RawData;
  }
}

function isList(data: WebSocketData): data is readonly Uint8Array[] {
  return Array.isArray(data) && data.length > 0 && data.every((item) => item instanceof Uint8Array);
}
