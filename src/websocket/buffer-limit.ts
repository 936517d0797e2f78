import { ConnectionError } from "./errors.ts";

/** What to do with a message for a peer that reads too slowly: end the connection, or leave the message out. */
export type OverflowPolicy = "terminate" | "drop";

/** How much may wait for a peer. */
export interface BufferLimit {
  /** The most bytes that may wait to be written (0: no limit). */
  readonly maxBufferedBytes: number;
  readonly overflow: OverflowPolicy;
}

/** Why a connection is ended whose peer reads too slowly. */
export function bufferFull(maxBufferedBytes: number): ConnectionError {
  return new ConnectionError(
    "WS_ERR_BUFFER_FULL",
    `The peer reads too slowly: more than maxBufferedBytes (${maxBufferedBytes}) wait to be sent.`,
  );
}

/** Why a message was not sent. */
export function messageDropped(): ConnectionError {
  return new ConnectionError("WS_ERR_BUFFER_FULL", "The message was dropped: too much waits to be sent.");
}
