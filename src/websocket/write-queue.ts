import type { Duplex } from "node:stream";
import { applyMask, headerBytes, MAX_HEADER_BYTES, writeHeader } from "../protocol/index.ts";
import { ConnectionError } from "./errors.ts";
import { beginTurn, type SharedFrames } from "./shared-frames.ts";

/** Frames are put together in slabs of this size that all connections share. */
const SLAB_BYTES = 64 * 1024;
/** A payload longer than this is not copied but written beside its header. */
const MAX_COPIED_BYTES = 16 * 1024;
/** Up to this many characters, a loop is faster than a call into native code. */
const SHORT_TEXT = 48;

/** What a stream calls back. */
type StreamCallback = (error?: Error | null) => void;

const NOTHING = Buffer.alloc(0);

/** Slabs are only ever filled, never reused: what was handed to a stream must not change. */
let slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
let slabUsed = 0;

/** The queues that wait for the end of the turn. */
let waiting: WriteQueue[] = [];

function flushWaiting(): void {
  const queues = waiting;
  waiting = [];
  beginTurn();
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
  /** All that is queued, as long as it is only frames that are shared with other connections. */
  #shared: SharedFrames | undefined;
  /** Finished pieces, in order; after them comes `slab[start, end)`. */
  #pieces: Uint8Array[] | undefined;
  #slab = NOTHING;
  #start = 0;
  #end = 0;
  #queuedBytes = 0;
  /** What the stream had not got rid of after the last write: since then it can only have become less. */
  #lastStreamBytes = 0;
  /** Whom to tell when what is queued has been taken by the operating system. */
  #callbacks: ((error?: Error) => void)[] | undefined;
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

  /** Whether {@link bufferedBytes} is certainly not more than `limit`; cheaper to find out. */
  isCertainlyWithin(limit: number): boolean {
    return this.#queuedBytes + this.#lastStreamBytes <= limit;
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

  /**
   * Queues a frame. A long payload is not copied unless it must be masked, so it must not change afterwards; with
   * `isBorrowed` it is always copied.
   */
  pushBytes(firstByte: number, payload: Uint8Array, isBorrowed = false): void {
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
    if (key !== undefined || isBorrowed) {
      body = Buffer.allocUnsafeSlow(bytes);
      body.set(payload);
    }
    if (key !== undefined) applyMask(body, 0, bytes, key, 0);
    this.#pushPiece(body);
  }

  /** Queues whole frames that are shared with other connections. */
  pushShared(frames: SharedFrames): void {
    if (this.#closed) return;
    if (this.#queuedBytes === 0) this.#shared = frames;
    else if (this.#shared !== undefined) this.#shared = this.#shared.followedBy(frames);
    else {
      this.#sealRegion();
      (this.#pieces ??= []).push(frames.bytes);
    }
    this.#count(frames.length);
  }

  /** Calls back when all that is queued now has been taken by the operating system, or with an error if it can't be. */
  afterWrite(callback: (error?: Error) => void): void {
    (this.#callbacks ??= []).push(callback);
    if (this.#closed) this.#failCallbacks();
    else if (this.#queuedBytes === 0) this.#schedule();
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
    if (this.#closed) return;
    const callback = this.#takeCallbacks();
    const bytes = this.#queuedBytes;
    const stream = this.#stream;
    if (bytes === 0) {
      // What was asked about is in the stream already: an empty write comes behind it.
      if (callback !== undefined) stream.write(NOTHING, callback);
      return;
    }
    this.#queuedBytes = 0;
    this.#write(stream, bytes, callback);
    this.#lastStreamBytes = stream.writableLength;
  }

  #write(stream: Duplex, bytes: number, callback: StreamCallback | undefined): void {
    const shared = this.#shared;
    if (shared !== undefined) {
      this.#shared = undefined;
      stream.write(shared.bytes, callback);
      return;
    }
    this.#sealRegion();
    const pieces = this.#pieces!;
    this.#pieces = undefined;
    if (pieces.length === 1) {
      stream.write(pieces[0], callback);
    } else if (bytes <= MAX_COPIED_BYTES) {
      stream.write(Buffer.concat(pieces, bytes), callback);
    } else {
      const last = pieces.pop();
      stream.cork();
      for (const piece of pieces) stream.write(piece);
      stream.write(last, callback);
      stream.uncork();
    }
  }

  /** Drops what is queued and takes nothing more. */
  close(): void {
    this.#closed = true;
    this.#shared = undefined;
    this.#pieces = undefined;
    this.#queuedBytes = 0;
    this.#slab = NOTHING;
    this.#start = this.#end = 0;
    this.#failCallbacks();
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
    // Nor must who is silent keep the slab that it wrote to last.
    this.#slab = NOTHING;
    this.#start = this.#end = 0;
  }

  #count(bytes: number): void {
    this.#queuedBytes += bytes;
    if (!this.#held) this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    if (waiting.length === 0) queueMicrotask(flushWaiting);
    waiting.push(this);
  }

  #takeCallbacks(): StreamCallback | undefined {
    const callbacks = this.#callbacks;
    if (callbacks === undefined) return undefined;
    this.#callbacks = undefined;
    return (error) => {
      for (const callback of callbacks) callback(error ?? undefined);
    };
  }

  #failCallbacks(): void {
    const callback = this.#takeCallbacks();
    if (callback === undefined) return;
    const error = new ConnectionError("WS_ERR_NOT_OPEN", "The connection was closed before this was sent.");
    process.nextTick(callback, error);
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
