import { BINARY, headerBytes, TEXT, writeHeader } from "../protocol/index.ts";

const FIN = 0x80;

/** A server's frame for a text message, made once to be sent to many connections. */
export function prepareText(text: string): Buffer {
  const bytes = Buffer.byteLength(text);
  const frame = allocateFrame(FIN | TEXT, bytes);
  frame.write(text, frame.length - bytes);
  return frame;
}

/** A server's frame for a binary message, made once to be sent to many connections. */
export function prepareBinary(payload: Uint8Array): Buffer {
  const frame = allocateFrame(FIN | BINARY, payload.length);
  frame.set(payload, frame.length - payload.length);
  return frame;
}

function allocateFrame(firstByte: number, payloadBytes: number): Buffer {
  const frame = Buffer.allocUnsafe(headerBytes(payloadBytes, false) + payloadBytes);
  writeHeader(frame, 0, firstByte, payloadBytes, undefined);
  return frame;
}
