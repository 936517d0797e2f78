import type { Utf8Check } from "./utf8.ts";

/** What a parser reports, in the order in which it came. */
export interface FrameSink {
  /**
   * A whole message: `bytes[start, end)`, unmasked, and valid UTF-8 if it is text and not compressed.
   * `isAscii` means that it is known to be ASCII. The bytes may be part of the chunk that was received.
   */
  receiveMessage(
    bytes: Uint8Array,
    start: number,
    end: number,
    isText: boolean,
    isAscii: boolean,
    isCompressed: boolean,
  ): void;
  /** A ping; its payload is the receiver's own. */
  receivePing(payload: Uint8Array): void;
  /** A pong; its payload is the receiver's own. */
  receivePong(payload: Uint8Array): void;
  /** A close frame, 1005 if it carried no code. The parser ignores whatever comes after it. */
  receiveClose(code: number, reason: Uint8Array): void;
}

/** What a parser must know of its connection. */
export interface FrameParserOptions {
  /** Which way the frames come: clients mask theirs, servers never do (RFC 6455 §5.1). */
  readonly role: "server" | "client";
  /** The longest message taken, in bytes, fragments added up (0: no limit). Beyond it: 1009. */
  readonly maxMessageBytes: number;
  /** Whether permessage-deflate was negotiated, so that RSV1 may be set (RFC 7692 §6). */
  readonly allowCompressed?: boolean;
  /** Makes the buffer that a message is put together in. */
  readonly allocate?: (bytes: number) => Uint8Array;
  /** A faster UTF-8 check for long texts. */
  readonly isUtf8?: Utf8Check;
}
