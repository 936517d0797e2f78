import type { Connection } from "./connection.ts";
import { bytesOf, type WebSocketData } from "./data.ts";
import { PreparedMessage } from "./prepared-message.ts";

/** How a message is to be sent. */
export interface SendOptions {
  /** As binary or as text. Default: as binary unless it is a string. */
  binary?: boolean;
  /** Whether it may be compressed. Default true. */
  compress?: boolean;
  /** False: more of this message follows with the next `send`. Default true. */
  fin?: boolean;
}

/** Called when a message has been taken by the operating system, or with an error if it can't be. */
export type SendCallback = (error?: Error) => void;

/** Sends a message on a connection; returns whether it was taken. */
export function sendOn(
  connection: Connection,
  data: WebSocketData | PreparedMessage,
  { binary, compress = true, fin = true }: SendOptions,
): boolean {
  // Buffers and strings first: nearly everything is one of them, and `instanceof` is not free.
  if (ArrayBuffer.isView(data)) {
    return connection.sendMessage(
      data instanceof Uint8Array ? data : bytesOf(data),
      binary === false,
      compress,
      fin,
    );
  }
  if (data instanceof PreparedMessage) return connection.sendPrepared(data);
  const isText = binary === undefined ? typeof data === "string" || typeof data === "number" : !binary;
  if (typeof data === "string" && isText && fin) return connection.sendText(data, compress);
  return connection.sendMessage(bytesOf(data), isText, compress, fin);
}
