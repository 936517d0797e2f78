import { BINARY, CLOSE, CONTINUATION, TEXT } from "../protocol/index.ts";
import type { Compression } from "./deflate/compression.ts";
import { ConnectionError } from "./errors.ts";
import type { PreparedMessage } from "./prepared-message.ts";
import type { SharedFrames } from "./shared-frames.ts";
import type { WriteQueue } from "./write-queue.ts";

const FIN = 0x80;
const RSV1 = 0x40;

type WriteCallback = (error?: Error) => void;

/** Something to be done later, in its turn; `callback` is told if it never will be. */
interface Waiting {
  readonly send: () => void;
  readonly callback?: WriteCallback;
}

/** Puts a connection's messages on its write queue in the order in which they were sent, compressed where that was agreed on. */
export class Sender {
  readonly #queue: WriteQueue;
  readonly #compression: Compression | undefined;
  /** Whether the message before was sent with `fin: false`. */
  #continues = false;
  /** What came while a long message is being compressed; undefined if none is. */
  #waiting: Waiting[] | undefined;
  #waitingBytes = 0;
  /** Whole messages that came between the fragments of another: they go behind it. */
  #deferred: Waiting[] | undefined;
  #deferredBytes = 0;
  #isLastDeferred = false;

  constructor(queue: WriteQueue, compression: Compression | undefined) {
    this.#queue = queue;
    this.#compression = compression;
  }

  /** Bytes that wait here, not counting the write queue. */
  get waitingBytes(): number {
    return this.#waitingBytes + this.#deferredBytes;
  }

  /** Sends a text message. */
  sendText(text: string, compress: boolean): void {
    if (this.#compression !== undefined || this.#continues) {
      this.sendMessage(Buffer.from(text), true, compress, true);
    } else {
      this.#isLastDeferred = false;
      this.#queue.pushText(FIN | TEXT, text);
    }
  }

  /** Sends a message, or with `fin` false the beginning of one, which then is not compressed. */
  sendMessage(payload: Uint8Array, isText: boolean, compress: boolean, fin: boolean): void {
    if (this.#waiting !== undefined) {
      this.#wait(payload.length, () => this.sendMessage(payload, isText, compress, fin));
      return;
    }
    this.#isLastDeferred = false;
    const opcode = isText ? TEXT : BINARY;
    const compression = this.#compression;
    if (compress && fin && !this.#continues && compression?.isWorthwhile(payload.length) === true) {
      this.#sendCompressed(compression, opcode, payload);
      return;
    }
    this.#queue.pushBytes((fin ? FIN : 0) | (this.#continues ? CONTINUATION : opcode), payload);
    this.#continues = !fin;
    if (fin) this.#sendDeferred();
  }

  /** Sends a message that was made once for many connections; it does not come between the fragments of another. */
  sendPrepared(message: PreparedMessage): void {
    if (this.#waiting !== undefined || this.#continues) {
      this.#postpone(message.payload.length, () => this.sendPrepared(message));
      return;
    }
    this.#isLastDeferred = false;
    if (this.#compression === undefined || !message.mayCompress) this.#queue.pushShared(message.plain);
    else this.#queue.pushShared(this.#compression.prepare(message));
  }

  /** Sends whole frames that were made once for many connections. */
  sendFrames(frames: SharedFrames): void {
    if (this.#waiting !== undefined || this.#continues) {
      this.#postpone(frames.length, () => this.sendFrames(frames));
      return;
    }
    this.#isLastDeferred = false;
    this.#queue.pushShared(frames);
  }

  /** Sends a ping or pong; it overtakes messages that are being compressed. */
  sendControl(opcode: number, payload: Uint8Array): void {
    this.#isLastDeferred = false;
    this.#queue.pushBytes(FIN | opcode, payload);
  }

  /** Sends a close frame behind everything else, and calls back when it is on the write queue. */
  sendClose(payload: Uint8Array, onQueued: () => void): void {
    if (this.#waiting !== undefined) {
      this.#wait(payload.length, () => this.sendClose(payload, onQueued));
      return;
    }
    this.#queue.pushBytes(FIN | CLOSE, payload);
    onQueued();
  }

  /** Calls back when what was sent until now is on the write queue. */
  afterQueued(callback: () => void): void {
    if (this.#waiting !== undefined) this.#wait(0, callback);
    else callback();
  }

  /** Calls back when what was sent until now has been taken by the operating system, or with an error if it can't be. */
  afterWrite(callback: WriteCallback): void {
    const behind = this.#waiting ?? (this.#isLastDeferred ? this.#deferred : undefined);
    if (behind === undefined) this.#queue.afterWrite(callback);
    else behind.push({ send: () => this.afterWrite(callback), callback });
  }

  /** Drops what waits to be compressed, or waits for that; what is on the write queue stays. */
  drop(): void {
    const dropped = [...(this.#waiting ?? []), ...(this.#deferred ?? [])];
    this.#waiting = undefined;
    this.#deferred = undefined;
    this.#waitingBytes = this.#deferredBytes = 0;
    for (const { callback } of dropped) {
      if (callback === undefined) continue;
      const message = "The connection was closed before this was sent.";
      process.nextTick(callback, new ConnectionError("WS_ERR_NOT_OPEN", message));
    }
  }

  #sendCompressed(compression: Compression, opcode: number, payload: Uint8Array): void {
    const firstByte = FIN | RSV1 | opcode;
    const compressed = compression.compress(payload, (output) => this.#onCompressed(firstByte, output));
    if (compressed !== undefined) {
      this.#queue.pushBytes(firstByte, compressed, true);
      return;
    }
    this.#waiting = [];
    this.#waitingBytes = payload.length;
  }

  #onCompressed(firstByte: number, output: Uint8Array): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    this.#waitingBytes = 0;
    this.#queue.pushBytes(firstByte, output);
    for (const { send } of waiting) send();
  }

  /** Keeps a whole message until the one before it is compressed, or until the last fragment of one was sent. */
  #postpone(bytes: number, send: () => void): void {
    this.#isLastDeferred = this.#waiting === undefined;
    if (this.#waiting !== undefined) {
      this.#wait(bytes, send);
      return;
    }
    (this.#deferred ??= []).push({ send });
    this.#deferredBytes += bytes;
  }

  #sendDeferred(): void {
    const deferred = this.#deferred;
    if (deferred === undefined) return;
    this.#deferred = undefined;
    this.#deferredBytes = 0;
    for (const { send } of deferred) send();
    this.#isLastDeferred = false;
  }

  #wait(bytes: number, send: () => void): void {
    this.#waiting!.push({ send });
    this.#waitingBytes += bytes;
  }
}
