import { invalidUtf8, tooBig } from "./breaches.ts";
import { readCloseCode } from "./close-body.ts";
import {
  checkFirstByte,
  checkSecondByte,
  headerSize,
  MAX_HEADER_BYTES,
  readLongLength,
  readMediumLength,
} from "./frame-header.ts";
import { applyMask, applyMaskAt } from "./masking.ts";
import { MessageBuffer } from "./message-buffer.ts";
import { BINARY, CLOSE, CONTINUATION, PING, TEXT } from "./opcodes.ts";
import { Utf8Validator, type Utf8Check } from "./utf8.ts";

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

const EMPTY = new Uint8Array(0);
const FIN_TEXT = 0x80 | TEXT;
const FIN_BINARY = 0x80 | BINARY;
/** The longest payload whose length stands in the second byte (RFC 6455 §5.2). */
const MAX_SHORT_LENGTH = 125;

/**
 * Turns received bytes, cut anywhere, into messages and control frames.
 *
 * Payloads that lie whole in a chunk are unmasked in place and never copied; others are copied once, into a
 * buffer that grows with what has really arrived. `receive` throws `ProtocolError` at the first byte that
 * breaks RFC 6455; after that, and after a close frame, everything is ignored.
 */
export class FrameParser {
  readonly #sink: FrameSink;
  readonly #options: FrameParserOptions;
  readonly #masked: boolean;
  readonly #maxShortLength: number;

  /** `paused` keeps chunks, `done` ignores them. */
  #state: "open" | "paused" | "done" = "open";
  #backlog: Uint8Array[] | undefined;

  /** A header that a chunk's end cut in two; undefined while there is none. */
  #header: Uint8Array | undefined;
  #headerFill = 0;

  /** The frame whose payload is arriving. */
  #opcode = 0;
  #fin = false;
  #remaining = -1;
  #maskKey = 0;
  #maskOffset = 0;
  #control: MessageBuffer | undefined;

  /** The message whose frames are arriving: its first opcode, 0 if none. */
  #messageOpcode = 0;
  #compressed = false;
  #message: MessageBuffer | undefined;
  #messageAscii = true;
  #utf8: Utf8Validator | undefined;

  constructor(sink: FrameSink, options: FrameParserOptions) {
    this.#sink = sink;
    this.#options = options;
    this.#masked = options.role === "server";
    this.#maxShortLength = Math.min(MAX_SHORT_LENGTH, options.maxMessageBytes || MAX_SHORT_LENGTH);
  }

  /** Takes the next bytes of the stream and calls the sink; the chunk is the parser's from now on. */
  receive(chunk: Uint8Array): void {
    if (this.#state === "open") this.#consume(chunk);
    else if (this.#state === "paused") (this.#backlog ??= []).push(chunk);
  }

  /** Stops calling the sink, also in the middle of a chunk; what comes meanwhile is kept. */
  pause(): void {
    if (this.#state === "open") this.#state = "paused";
  }

  /** Goes on after {@link pause} with what was kept. Throws like {@link receive}. */
  resume(): void {
    if (this.#state !== "paused") return;
    this.#state = "open";
    const backlog = this.#backlog;
    this.#backlog = undefined;
    if (backlog === undefined) return;
    for (const chunk of backlog) this.receive(chunk);
  }

  /** Ignores everything from now on and lets go of what was kept. */
  stop(): void {
    this.#state = "done";
    this.#backlog = undefined;
    this.#message = undefined;
    this.#control = undefined;
  }

  #consume(chunk: Uint8Array): void {
    let offset = 0;
    try {
      while (offset < chunk.length || this.#remaining === 0) {
        if (this.#state !== "open") {
          if (this.#state === "paused" && offset < chunk.length) {
            (this.#backlog ??= []).unshift(chunk.subarray(offset));
          }
          return;
        }
        if (this.#remaining >= 0) offset = this.#receivePayload(chunk, offset);
        else if (this.#headerFill > 0) offset = this.#continueHeader(chunk, offset);
        else offset = this.#receiveFrame(chunk, offset);
      }
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  /** A frame that begins here. */
  #receiveFrame(chunk: Uint8Array, offset: number): number {
    const end = this.#receiveShortMessage(chunk, offset);
    if (end !== 0) return end;
    const available = chunk.length - offset;
    if (available < 2 || available < headerSize(chunk[offset + 1]!, this.#masked)) {
      return this.#continueHeader(chunk, offset);
    }
    const payload = this.#readHeader(chunk, offset);
    const isWhole = this.#fin && payload + this.#remaining <= chunk.length;
    if (isWhole && (this.#opcode === TEXT || this.#opcode === BINARY)) {
      return this.#receiveWholeMessage(chunk, payload);
    }
    return payload;
  }

  /**
   * The common case, which nothing but its speed sets apart: a whole message of at most 125 bytes in one frame, uncompressed, all of
   * it here. Returns where it ends, or 0 if what begins at `offset` is something else.
   */
  #receiveShortMessage(chunk: Uint8Array, offset: number): number {
    const first = chunk[offset]!;
    if ((first !== FIN_TEXT && first !== FIN_BINARY) || this.#messageOpcode !== 0) return 0;
    const length = chunk[offset + 1]! - (this.#masked ? 0x80 : 0);
    const payload = offset + (this.#masked ? 6 : 2);
    const end = payload + length;
    if (!(length >= 0 && length <= this.#maxShortLength && end <= chunk.length)) return 0;
    let isAscii = false;
    if (this.#masked) {
      isAscii = applyMaskAt(chunk, payload - 4, payload, end);
    }
    if (first === FIN_TEXT && !isAscii) this.#checkText(chunk, payload, end);
    this.#sink.receiveMessage(chunk, payload, end, first === FIN_TEXT, isAscii, false);
    return end;
  }

  /** A message in one frame that is all here. */
  #receiveWholeMessage(chunk: Uint8Array, payload: number): number {
    const end = payload + this.#remaining;
    const isText = this.#opcode === TEXT;
    this.#remaining = -1;
    this.#messageOpcode = 0;
    let isAscii = false;
    if (this.#masked) isAscii = applyMask(chunk, payload, end, this.#maskKey, 0);
    if (isText && !isAscii && !this.#compressed) this.#checkText(chunk, payload, end);
    this.#sink.receiveMessage(chunk, payload, end, isText, isAscii, this.#compressed);
    return end;
  }

  /** Checks a text that is all here. */
  #checkText(bytes: Uint8Array, start: number, end: number): void {
    const validator = this.#validator();
    validator.reset();
    if (!validator.push(bytes, start, end) || !validator.complete) throw invalidUtf8();
  }

  /** Collects a header byte by byte, so that a wrong first byte is refused before the second comes. */
  #continueHeader(chunk: Uint8Array, offset: number): number {
    const header = (this.#header ??= new Uint8Array(MAX_HEADER_BYTES));
    let at = offset;
    while (at < chunk.length) {
      header[this.#headerFill++] = chunk[at++]!;
      if (this.#headerFill === 1) this.#checkFirstByte(header[0]!);
      else if (this.#headerFill === 2) checkSecondByte(header[0]!, header[1]!, this.#masked);
      if (this.#headerFill >= 2 && this.#headerFill === headerSize(header[1]!, this.#masked)) {
        this.#headerFill = 0;
        this.#header = undefined;
        this.#readHeader(header, 0);
        return at;
      }
    }
    return at;
  }

  /** Reads and checks a complete header, makes its frame the current one, returns where its payload begins. */
  #readHeader(bytes: Uint8Array, offset: number): number {
    const first = bytes[offset]!;
    const second = bytes[offset + 1]!;
    this.#checkFirstByte(first);
    checkSecondByte(first, second, this.#masked);
    let length = second & 0x7f;
    let at = offset + 2;
    if (length === 126) {
      length = readMediumLength(bytes, at);
      at += 2;
    } else if (length === 127) {
      length = readLongLength(bytes, at, this.#options.maxMessageBytes);
      at += 8;
    }
    if (this.#masked) {
      this.#maskKey = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
      this.#maskOffset = 0;
      at += 4;
    }
    this.#beginFrame(first, length);
    return at;
  }

  #checkFirstByte(first: number): void {
    checkFirstByte(first, this.#options.allowCompressed === true, this.#messageOpcode !== 0);
  }

  #beginFrame(first: number, length: number): void {
    const opcode = first & 0x0f;
    this.#opcode = opcode;
    this.#fin = (first & 0x80) !== 0;
    this.#remaining = length;
    if (opcode >= CLOSE) return;
    const max = this.#options.maxMessageBytes;
    if (max > 0 && length + (this.#message?.length ?? 0) > max) throw tooBig(max);
    if (opcode !== CONTINUATION) {
      this.#messageOpcode = opcode;
      this.#compressed = (first & 0x40) !== 0;
      this.#messageAscii = true;
      this.#utf8?.reset();
    }
  }

  /** Takes what is here of the current frame's payload. */
  #receivePayload(chunk: Uint8Array, offset: number): number {
    const end = Math.min(chunk.length, offset + this.#remaining);
    const size = end - offset;
    const isControl = this.#opcode >= CLOSE;
    if (size > 0) {
      const target = isControl ? (this.#control ??= new MessageBuffer()) : this.#messageBuffer();
      const from = target.append(chunk, offset, end, this.#remaining);
      let isAscii = false;
      if (this.#masked) {
        isAscii = applyMask(target.bytes, from, target.length, this.#maskKey, this.#maskOffset);
        this.#maskOffset = (this.#maskOffset + size) & 3;
      }
      if (!isControl) this.#validate(target, from, isAscii);
      this.#remaining -= size;
    }
    if (this.#remaining === 0) {
      this.#remaining = -1;
      if (isControl) this.#endControl();
      else if (this.#fin) this.#endMessage();
    }
    return end;
  }

  /** RFC 6455 §8.1, and stricter in time: text is refused at the byte that spoils it. */
  #validate(target: MessageBuffer, from: number, isAscii: boolean): void {
    if (this.#messageOpcode !== TEXT || this.#compressed) return;
    if (isAscii && this.#messageAscii) return;
    const validator = this.#validator();
    this.#messageAscii = false;
    if (!validator.push(target.bytes, from, target.length)) throw invalidUtf8();
  }

  #endMessage(): void {
    // Made even if nothing came, so that an empty message too lies in memory of the owner's kind.
    const message = this.#messageBuffer();
    const isText = this.#messageOpcode === TEXT;
    this.#message = undefined;
    this.#messageOpcode = 0;
    if (isText && !this.#compressed && !(this.#utf8?.complete ?? true)) throw invalidUtf8();
    this.#sink.receiveMessage(
      message.bytes,
      0,
      message.length,
      isText,
      this.#messageAscii && isText && !this.#compressed,
      this.#compressed,
    );
  }

  #endControl(): void {
    const payload = this.#control?.content() ?? EMPTY;
    this.#control = undefined;
    if (this.#opcode === PING) this.#sink.receivePing(payload);
    else if (this.#opcode === CLOSE) this.#endClose(payload);
    else this.#sink.receivePong(payload);
  }

  #endClose(payload: Uint8Array): void {
    const code = readCloseCode(payload);
    this.stop();
    this.#sink.receiveClose(code, payload.subarray(2));
  }

  #messageBuffer(): MessageBuffer {
    return (this.#message ??= new MessageBuffer(this.#options.allocate, this.#options.maxMessageBytes));
  }

  #validator(): Utf8Validator {
    return (this.#utf8 ??= new Utf8Validator(this.#options.isUtf8));
  }
}
