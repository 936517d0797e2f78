import type { Duplex } from "node:stream";
import { applyMask, headerBytes, MAX_HEADER_BYTES, writeHeader } from "../protocol/index.ts";

/** Frames are put together in slabs of this size that all connections share. */
const SLAB_BYTES = 64 * 1024;
/** A payload longer than this is not copied but written beside its header. */
const MAX_COPIED_BYTES = 16 * 1024;
/** Up to this many characters, a loop is faster than a call into native code. */
const SHORT_TEXT = 48;

/** Slabs are only ever filled, never reused: what was handed to a stream must not change. */
let slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
let slabUsed = 0;

/** The queues that wait for the end of the turn. */
let waiting: WriteQueue[] = [];

function flushWaiting(): void {
  const queues = waiting;
  waiting = [];
  for (const queue of queues) queue.flush();
}

/** Makes a masking key; a client must use a fresh, unpredictable one for each frame (RFC 6455 §5.3). */
export type MaskSource = () => number;

/**
 * The frames that one connection has to write.
 *
 * Nothing is written at once: all that is queued in a turn of the event loop leaves in one write, at the end of the
 * read that is being handled or else in a microtask. In bursts this is most of the speed of this layer.
 */
export class WriteQueue {
  readonly #stream: Duplex;
  readonly #mask: MaskSource | undefined;
  /** Finished pieces, in order; after them comes `slab[start, end)`. */
  #pieces: Uint8Array[] | undefined;
  #slab = slab;
  #start = 0;
  #end = 0;
  #queuedBytes = 0;
  #scheduled = false;
  #held = false;
  #closed = false;

  /** `mask` is given on the client side, where frames are masked. */
  constructor(stream: Duplex, mask: MaskSource | undefined) {
    this.#stream = stream;
    this.#mask = mask;
  }

  /** Bytes accepted and not yet taken by the operating system. */
  get bufferedBytes(): number {
    return this.#queuedBytes + this.#stream.writableLength;
  }

  /** Queues a frame whose payload is text, encoded as UTF-8. */
  pushText(firstByte: number, text: string): void {
    if (this.#closed) return;
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

  /** Queues a frame; a long payload is not copied unless it must be masked, so it must not change afterwards. */
  pushBytes(firstByte: number, payload: Uint8Array): void {
    if (this.#closed) return;
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
    if (key !== undefined) {
      body = Buffer.allocUnsafeSlow(bytes);
      body.set(payload);
      applyMask(body, 0, bytes, key, 0);
    }
    this.#pushPiece(body);
  }

  /** Queues bytes that are whole frames already, shared between connections: they must never change. */
  pushFrames(frames: Uint8Array): void {
    if (!this.#closed) this.#pushPiece(frames);
  }

  /** Holds back everything until {@link release}: called around the handling of what was read. */
  hold(): void {
    this.#held = true;
  }

  /** Ends {@link hold} and writes what came together meanwhile. */
  release(): void {
    this.#held = false;
    if (this.#queuedBytes > 0) this.flush();
  }

  /** Writes all that is queued, in one write if it fits. */
  flush(): void {
    this.#scheduled = false;
    if (this.#queuedBytes === 0 || this.#closed) return;
    this.#sealRegion();
    const pieces = this.#pieces!;
    const bytes = this.#queuedBytes;
    this.#pieces = undefined;
    this.#queuedBytes = 0;
    const stream = this.#stream;
    if (pieces.length === 1) {
      stream.write(pieces[0]);
    } else if (bytes <= MAX_COPIED_BYTES) {
      stream.write(Buffer.concat(pieces, bytes));
    } else {
      stream.cork();
      for (const piece of pieces) stream.write(piece);
      stream.uncork();
    }
  }

  /** Drops what is queued and takes nothing more. */
  close(): void {
    this.#closed = true;
    this.#pieces = undefined;
    this.#queuedBytes = 0;
    this.#start = this.#end = 0;
  }

  /** Makes sure that `bytes` fit in the current slab, and that this queue's region can go on there. */
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

  /** Adds `slab[begin, slabUsed)` to this queue's region, or begins a new one if another queue wrote in between. */
  #extend(begin: number): void {
    if (this.#slab !== slab || this.#end !== begin || this.#start === this.#end) {
      this.#sealRegion();
      this.#slab = slab;
      this.#start = begin;
    }
    this.#end = slabUsed;
    this.#count(slabUsed - begin);
  }

  #pushPiece(piece: Uint8Array): void {
    this.#sealRegion();
    (this.#pieces ??= []).push(piece);
    this.#count(piece.length);
  }

  #sealRegion(): void {
    if (this.#start === this.#end) return;
    (this.#pieces ??= []).push(this.#slab.subarray(this.#start, this.#end));
    this.#start = this.#end = 0;
  }

  #count(bytes: number): void {
    this.#queuedBytes += bytes;
    if (this.#held || this.#scheduled) return;
    this.#scheduled = true;
    if (waiting.length === 0) queueMicrotask(flushWaiting);
    waiting.push(this);
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
