import type { Duplex } from "node:stream";
import { applyMask, headerBytes, MAX_HEADER_BYTES, writeHeader } from "../protocol/index.ts";
import type { SharedFrames } from "./shared-frames.ts";

/** Frames are put together in slabs of this size that all connections share. */
const SLAB_BYTES = 64 * 1024;
/** A payload longer than this is not copied but written beside its header. */
const MAX_COPIED_BYTES = 16 * 1024;
/** Up to this many characters, a loop is faster than a call into native code. */
const SHORT_TEXT = 48;

const NOTHING = Buffer.alloc(0);

/** Slabs are only ever filled, never reused: what was handed to a stream must not change. */
let slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
let slabUsed = 0;

/** Makes a masking key; a client must use a fresh, unpredictable one for each frame (RFC 6455 §5.3). */
export type MaskSource = () => number;

/** Called when bytes have been taken by the operating system, or with an error if they can't be. */
export type WriteCallback = (error?: Error) => void;

/** The frames that one stream gets in one write; a batch is made when there is something to write, and written once. */
export class Batch {
  readonly #stream: Duplex;
  readonly #mask: MaskSource | undefined;
  /** All of it, as long as it is only frames that are shared with other connections. */
  #shared: SharedFrames | undefined;
  /** Finished pieces, in order; after them comes `slab[start, end)`. */
  #pieces: Uint8Array[] | undefined;
  #slab = NOTHING;
  #start = 0;
  #end = 0;
  #length = 0;
  #answerBytes = 0;
  #callbacks: WriteCallback[] | undefined;
  /** Whether it is to leave at the end of the turn. */
  isScheduled = false;

  constructor(stream: Duplex, mask: MaskSource | undefined) {
    this.#stream = stream;
    this.#mask = mask;
  }

  /** In bytes, without an answer. */
  get length(): number {
    return this.#length - this.#answerBytes;
  }

  /** Whether it completes an opening handshake: then it must be written, whatever becomes of the connection. */
  get isAnswer(): boolean {
    return this.#answerBytes > 0;
  }

  /** Adds the answer to an opening handshake, latin1: the first that is written. */
  pushAnswer(text: string): void {
    if (text.length > MAX_COPIED_BYTES) this.#pushPiece(Buffer.from(text, "latin1"));
    else {
      this.#reserve(text.length);
      const begin = slabUsed;
      slabUsed += slab.write(text, begin, "latin1");
      this.#extend(begin);
    }
    this.#answerBytes = this.#length;
  }

  /** Adds a frame whose payload is text, encoded as UTF-8. */
  pushText(firstByte: number, text: string): void {
    const length = text.length;
    // A UTF-16 unit takes at most three bytes of UTF-8.
    if (length * 3 > MAX_COPIED_BYTES) {
      this.pushBytes(firstByte, Buffer.from(text));
      return;
    }
    this.#reserve(MAX_HEADER_BYTES + length * 3);
    const begin = slabUsed;
    // Most text is ASCII: leave room for the header that fits if it is, and move the payload if it isn't.
    let payload = begin + headerBytes(length, this.#mask !== undefined);
    let bytes = length <= SHORT_TEXT ? writeAscii(text, payload) : -1;
    if (bytes < 0) bytes = slab.utf8Write(text, payload);
    const actual = begin + headerBytes(bytes, this.#mask !== undefined);
    if (actual !== payload) {
      slab.copyWithin(actual, payload, payload + bytes);
      payload = actual;
    }
    this.#finish(firstByte, begin, payload, bytes);
  }

  /**
   * Adds a frame. A long payload is not copied unless it must be masked, so it must not change afterwards; with
   * `isBorrowed` it is always copied.
   */
  pushBytes(firstByte: number, payload: Uint8Array, isBorrowed = false): void {
    const bytes = payload.length;
    if (bytes <= MAX_COPIED_BYTES) {
      this.#reserve(MAX_HEADER_BYTES + bytes);
      const begin = slabUsed;
      const at = begin + headerBytes(bytes, this.#mask !== undefined);
      slab.set(payload, at);
      this.#finish(firstByte, begin, at, bytes);
      return;
    }
    this.#reserve(MAX_HEADER_BYTES);
    const key = this.#mask?.();
    const begin = slabUsed;
    slabUsed = writeHeader(slab, begin, firstByte, bytes, key);
    this.#extend(begin);
    let body = payload;
    if (key !== undefined || isBorrowed) {
      body = Buffer.allocUnsafeSlow(bytes);
      body.set(payload);
    }
    if (key !== undefined) applyMask(body, 0, bytes, key, 0);
    this.#pushPiece(body);
  }

  /** Adds whole frames that are shared with other connections. */
  pushShared(frames: SharedFrames): void {
    if (this.#length === 0) this.#shared = frames;
    else if (this.#shared !== undefined) this.#shared = this.#shared.followedBy(frames);
    else {
      this.#sealRegion();
      (this.#pieces ??= []).push(frames.bytes);
    }
    this.#length += frames.length;
  }

  /** Calls back when it has been taken by the operating system, or with an error if it can't be. */
  afterWrite(callback: WriteCallback): void {
    (this.#callbacks ??= []).push(callback);
  }

  /** Writes it, in one write if it fits. */
  write(): void {
    const stream = this.#stream;
    const callback = this.#callback();
    const shared = this.#shared;
    if (this.#length === 0) {
      // What was asked about is in the stream already: an empty write comes behind it.
      if (callback !== undefined) stream.write(NOTHING, callback);
      return;
    }
    if (shared !== undefined) {
      stream.write(shared.bytes, callback);
      return;
    }
    this.#sealRegion();
    const pieces = this.#pieces!;
    if (pieces.length === 1) {
      stream.write(pieces[0], callback);
    } else if (this.#length <= MAX_COPIED_BYTES) {
      stream.write(Buffer.concat(pieces, this.#length), callback);
    } else {
      const last = pieces.pop();
      stream.cork();
      for (const piece of pieces) stream.write(piece);
      stream.write(last, callback);
      stream.uncork();
    }
  }

  /** It will not be written. */
  fail(error: Error): void {
    const callback = this.#callback();
    if (callback !== undefined) process.nextTick(callback, error);
  }

  /** Makes sure that `bytes` fit in the current slab, and that this batch's region can go on there. */
  #reserve(bytes: number): void {
    if (slabUsed + bytes <= SLAB_BYTES) return;
    slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
    slabUsed = 0;
  }

  #finish(firstByte: number, begin: number, payload: number, bytes: number): void {
    const key = this.#mask?.();
    writeHeader(slab, begin, firstByte, bytes, key);
    slabUsed = payload + bytes;
    if (key !== undefined) applyMask(slab, payload, slabUsed, key, 0);
    this.#extend(begin);
  }

  /** Adds `slab[begin, slabUsed)` to this batch's region, or begins a new one if another batch wrote in between. */
  #extend(begin: number): void {
    if (this.#slab !== slab || this.#end !== begin || this.#start === this.#end) {
      this.#sealRegion();
      this.#slab = slab;
      this.#start = begin;
    }
    this.#end = slabUsed;
    this.#length += slabUsed - begin;
  }

  #pushPiece(piece: Uint8Array): void {
    this.#sealRegion();
    (this.#pieces ??= []).push(piece);
    this.#length += piece.length;
  }

  /** Makes everything that is queued a piece, so that others may follow. */
  #sealRegion(): void {
    if (this.#shared !== undefined) {
      (this.#pieces ??= []).push(this.#shared.bytes);
      this.#shared = undefined;
    }
    if (this.#start === this.#end) return;
    let region = this.#slab.subarray(this.#start, this.#end);
    // A slow reader must not keep whole slabs alive for the few bytes in them that are its own.
    if (this.#stream.writableLength > 0) {
      const own = Buffer.allocUnsafeSlow(region.length);
      own.set(region);
      region = own;
    }
    (this.#pieces ??= []).push(region);
    this.#start = this.#end = 0;
  }

  #callback(): ((error?: Error | null) => void) | undefined {
    const callbacks = this.#callbacks;
    if (callbacks === undefined) return undefined;
    return (error) => {
      for (const callback of callbacks) callback(error ?? undefined);
    };
  }
}

/** Writes ASCII text into the slab; -1 if it isn't ASCII. */
function writeAscii(text: string, offset: number): number {
  const target = slab;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit >= 0x80) return -1;
    target[offset + i] = unit;
  }
  return text.length;
}
