import { invalidUtf8, tooBig } from "./breaches.ts";
import { readCloseCode } from "./close-body.ts";
import {
  checkFirstByte,
  checkSecondByte,
  headerSize,
  MAX_HEADER_BYTES,
  readLength,
  readMaskKey,
} from "./frame-header.ts";
import type { FrameParserOptions, FrameSink } from "./frame-sink.ts";
import { applyMask } from "./masking.ts";
import { MessageBuffer } from "./message-buffer.ts";
import { CLOSE, CONTINUATION, PING, TEXT } from "./opcodes.ts";
import { Utf8Validator } from "./utf8.ts";

const EMPTY = new Uint8Array(0);

/**
 * Puts together what does not come in one piece: a frame that a chunk's end cuts, a message in fragments with the control frames in
 * between. It checks every frame that it is given, and lasts until nothing is left to come: see {@link isAtRest}.
 */
export class FrameAssembly {
  readonly #sink: FrameSink;
  readonly #options: FrameParserOptions;
  readonly #masked: boolean;

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

  #hasClosed = false;

  constructor(sink: FrameSink, options: FrameParserOptions) {
    this.#sink = sink;
    this.#options = options;
    this.#masked = options.role === "server";
  }

  /** Whether all that began has come to its end: the next frame begins a message, or is a control frame. */
  get isAtRest(): boolean {
    return this.#remaining < 0 && this.#headerFill === 0 && this.#messageOpcode === 0;
  }

  /** Whether a close frame has come: what follows counts for nothing. */
  get hasClosed(): boolean {
    return this.#hasClosed;
  }

  /** Takes what `chunk` has of one frame from `offset` on, and returns where that ends. Throws `ProtocolError`. */
  receive(chunk: Uint8Array, offset: number): number {
    const payload = this.#remaining < 0 ? this.#receiveHeader(chunk, offset) : offset;
    return this.#remaining < 0 ? payload : this.#receivePayload(chunk, payload);
  }

  #receiveHeader(chunk: Uint8Array, offset: number): number {
    const available = chunk.length - offset;
    const isWhole = available >= 2 && available >= headerSize(chunk[offset + 1]!, this.#masked);
    if (this.#headerFill > 0 || !isWhole) return this.#continueHeader(chunk, offset);
    return this.#readHeader(chunk, offset);
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
    const length = readLength(bytes, offset, this.#options.maxMessageBytes);
    const payload = offset + headerSize(second, this.#masked);
    if (this.#masked) {
      this.#maskKey = readMaskKey(bytes, payload);
      this.#maskOffset = 0;
    }
    this.#beginFrame(first, length);
    return payload;
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
    this.#hasClosed = true;
    this.#sink.receiveClose(code, payload.subarray(2));
  }

  #messageBuffer(): MessageBuffer {
    return (this.#message ??= new MessageBuffer(this.#options.allocate, this.#options.maxMessageBytes));
  }

  #validator(): Utf8Validator {
    return (this.#utf8 ??= new Utf8Validator(this.#options.isUtf8));
  }
}
