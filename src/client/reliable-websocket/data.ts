import { byteLength } from "../backlog.ts";

/** What can be sent. A Blob is read first; what is sent after it waits for it. */
export type ReliableWebSocketData = string | ArrayBuffer | ArrayBufferView | Blob;

/** The same in fewer shapes. */
export type OutgoingMessage = string | Uint8Array | Blob;

/** What a page takes for a message: anything that is not bytes is a string (Web IDL). */
export function asMessage(data: ReliableWebSocketData): OutgoingMessage {
  if (typeof data === "string" || data instanceof Blob || data instanceof Uint8Array) return data;
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return String(data);
}

/** The bytes of a message on the wire. */
export function sizeOf(message: OutgoingMessage): number {
  if (typeof message === "string") return byteLength(message);
  return message instanceof Blob ? message.size : message.byteLength;
}

/** What a listener gets, by {@link ReliableWebSocketCore.binaryType}. */
export function asReceived(
  data: string | Uint8Array,
  type: "blob" | "arraybuffer",
): string | ArrayBuffer | Blob {
  if (typeof data === "string") return data;
  // Bytes of their own: in Node, they are a part of what was read.
  const bytes = data.byteLength === data.buffer.byteLength ? data : Uint8Array.from(data);
  return type === "blob" ? new Blob([bytes as Uint8Array<ArrayBuffer>]) : (bytes.buffer as ArrayBuffer);
}
