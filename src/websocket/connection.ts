import { isUtf8 } from "node:buffer";
import { randomFillSync } from "node:crypto";
import type { Duplex } from "node:stream";
import {
  BINARY,
  CLOSE,
  CLOSE_ABNORMAL,
  CLOSE_NO_STATUS,
  FrameParser,
  type FrameSink,
  PING,
  PONG,
  ProtocolError,
  TEXT,
} from "../protocol/index.ts";
import type { Clock, Timer } from "../shared/clock.ts";
import { closePayload } from "./close-payload.ts";
import { ConnectionError } from "./errors.ts";
import { WriteQueue } from "./write-queue.ts";

const FIN = 0x80;

/** What the owner of a connection is told. Nothing may be thrown from here. */
export interface ConnectionHandler {
  /** A message, `bytes[start, end)`; text is valid UTF-8, and ASCII if `isAscii`. */
  receiveMessage(bytes: Buffer, start: number, end: number, isText: boolean, isAscii: boolean): void;
  /** A ping, already answered. */
  receivePing(payload: Buffer): void;
  receivePong(payload: Buffer): void;
  /** The peer broke the protocol, the stream failed or a limit was reached; {@link onClose} follows. */
  onError(error: Error): void;
  /** Said once, last: 1005 if the peer gave no code, 1006 if it left without a close frame. */
  onClose(code: number, reason: Buffer): void;
}

/** How a connection behaves. */
export interface ConnectionOptions {
  readonly role: "server" | "client";
  /** The longest message taken, in bytes (0: no limit). */
  readonly maxMessageBytes: number;
  /** The most that may wait to be written; beyond it the connection is destroyed (0: no limit). */
  readonly maxBufferedBytes: number;
  /** How long the peer may take to finish the close handshake. */
  readonly closeTimeoutMs: number;
  readonly clock: Clock;
}

/**
 * `open`: both ways. `closing`: nothing is sent any more; messages that the peer sent before it answered are still
 * handed over. `closed`: the stream is gone.
 */
export type ConnectionState = "open" | "closing" | "closed";

const NO_REASON = Buffer.alloc(0);

/**
 * One WebSocket over one stream, either role.
 *
 * It owns the stream from the end of the opening handshake on. Payloads handed to `sendBinary` are not copied when
 * they are long, so they must not be changed afterwards.
 */
export class Connection implements FrameSink {
  readonly #stream: Duplex;
  readonly #options: ConnectionOptions;
  readonly #handler: ConnectionHandler;
  readonly #parser: FrameParser;
  readonly #queue: WriteQueue;
  #state: ConnectionState = "open";
  #closeSent = false;
  #closeCode = CLOSE_ABNORMAL;
  #closeReason: Buffer = NO_REASON;
  #closeTimer: Timer | undefined;

  constructor(stream: Duplex, options: ConnectionOptions, handler: ConnectionHandler) {
    this.#stream = stream;
    this.#options = options;
    this.#handler = handler;
    this.#queue = new WriteQueue(stream, options.role === "client" ? randomMask : undefined);
    this.#parser = new FrameParser(this, {
      role: options.role,
      maxMessageBytes: options.maxMessageBytes,
      allocate,
      isUtf8,
    });
  }

  /** Begins to read; `head` is what came behind the handshake. Called once, when the handler is ready. */
  start(head: Uint8Array): void {
    const stream = this.#stream;
    stream.on("data", (chunk: Buffer) => this.#receive(chunk));
    stream.on("end", () => this.#onStreamEnd());
    stream.on("error", (error: Error) => this.#onStreamError(error));
    stream.on("close", () => this.#onStreamClose());
    if (head.length > 0) this.#receive(head);
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Bytes accepted for sending and not yet taken by the operating system. */
  get bufferedBytes(): number {
    return this.#queue.bufferedBytes;
  }

  /** Queues a text message. Ignored unless open. */
  sendText(text: string): void {
    if (this.#state !== "open") return;
    this.#queue.pushText(FIN | TEXT, text);
    this.#checkBuffered();
  }

  /** Queues a binary message. Ignored unless open. */
  sendBinary(bytes: Uint8Array): void {
    this.#send(FIN | BINARY, bytes);
  }

  /** Queues bytes that are already valid UTF-8 as a text message. Ignored unless open. */
  sendUtf8(bytes: Uint8Array): void {
    this.#send(FIN | TEXT, bytes);
  }

  /** Queues whole frames made by `prepareText` or `prepareBinary` and shared between connections. */
  sendPrepared(frames: Uint8Array): void {
    if (this.#state !== "open") return;
    this.#queue.pushFrames(frames);
    this.#checkBuffered();
  }

  /** Queues a ping of at most 125 bytes. Ignored unless open. */
  sendPing(payload: Uint8Array = NO_REASON): void {
    this.#send(FIN | PING, payload);
  }

  /** Queues an unsolicited pong of at most 125 bytes. Ignored unless open. */
  sendPong(payload: Uint8Array = NO_REASON): void {
    this.#send(FIN | PONG, payload);
  }

  /** Stops handing over messages until {@link resume}; the peer is made to wait. */
  pause(): void {
    if (this.#state !== "open") return;
    this.#parser.pause();
    this.#stream.pause();
  }

  /** Ends {@link pause}. */
  resume(): void {
    if (this.#state === "closed") return;
    this.#stream.resume();
    this.#receive(undefined);
  }

  /**
   * Begins the close handshake (RFC 6455 §7.1.2): what was queued before is still sent. A peer that doesn't answer within
   * `closeTimeoutMs` is destroyed. A second call does nothing.
   */
  close(code?: number, reason?: string): void {
    if (this.#state !== "open") return;
    this.#sendClose(closePayload(code, reason));
    this.#awaitEnd();
    this.#queue.flush();
    this.resume();
  }

  /** Ends the stream now, without a close frame. */
  destroy(): void {
    if (this.#state === "open") this.#state = "closing";
    this.#parser.stop();
    this.#queue.close();
    this.#stream.destroy();
  }

  receiveMessage(bytes: Uint8Array, start: number, end: number, isText: boolean, isAscii: boolean): void {
    if (this.#state === "closed") return;
    this.#handler.receiveMessage(bytes as Buffer, start, end, isText, isAscii);
  }

  receivePing(payload: Uint8Array): void {
    if (this.#state === "closed") return;
    // RFC 6455 §5.5.2: answered as soon as is practical, with the same payload.
    this.sendPong(payload);
    this.#handler.receivePing(asBuffer(payload));
  }

  receivePong(payload: Uint8Array): void {
    if (this.#state !== "closed") this.#handler.receivePong(asBuffer(payload));
  }

  receiveClose(code: number, reason: Uint8Array): void {
    this.#closeCode = code;
    this.#closeReason = asBuffer(reason);
    // RFC 6455 §5.5.1: answered with the code that came, once.
    this.#sendClose(code === CLOSE_NO_STATUS ? NO_REASON : closePayload(code));
    this.#queue.flush();
    this.#awaitEnd();
    // RFC 6455 §7.1.1: the server ends the stream first, the client waits for it.
    if (this.#options.role === "server") this.#stream.end();
  }

  #send(firstByte: number, payload: Uint8Array): void {
    if (this.#state !== "open") return;
    this.#queue.pushBytes(firstByte, payload);
    this.#checkBuffered();
  }

  #sendClose(payload: Uint8Array): void {
    if (this.#closeSent) return;
    this.#closeSent = true;
    this.#queue.pushBytes(FIN | CLOSE, payload);
    this.#state = "closing";
  }

  #checkBuffered(): void {
    const { maxBufferedBytes } = this.#options;
    if (maxBufferedBytes === 0 || this.#queue.bufferedBytes <= maxBufferedBytes) return;
    const error = new ConnectionError(
      "WS_ERR_BUFFER_FULL",
      `The peer reads too slowly: more than maxBufferedBytes (${maxBufferedBytes}) wait to be sent.`,
    );
    this.destroy();
    this.#handler.onError(error);
  }

  /** Parses a chunk, or what the parser kept; the one place where a breach becomes a close (RFC 6455 §7.1.7). */
  #receive(chunk: Uint8Array | undefined): void {
    this.#queue.hold();
    try {
      if (chunk === undefined) this.#parser.resume();
      else this.#parser.receive(chunk);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#fail(error);
    } finally {
      this.#queue.release();
    }
  }

  #fail(error: ProtocolError): void {
    const wasOpen = this.#state === "open";
    this.#parser.stop();
    this.#sendClose(closePayload(error.closeCode, error.message));
    this.#queue.flush();
    this.#awaitEnd();
    // Reading goes on, and is ignored: ending with unread input would reset the stream and lose the close frame.
    this.#stream.resume();
    this.#stream.end();
    if (wasOpen) this.#handler.onError(error);
  }

  #awaitEnd(): void {
    this.#closeTimer ??= this.#options.clock.setTimeout(
      () => this.#stream.destroy(),
      this.#options.closeTimeoutMs,
    );
  }

  #onStreamEnd(): void {
    this.#queue.flush();
    if (this.#state === "open") this.#state = "closing";
    this.#awaitEnd();
    this.#stream.end();
  }

  #onStreamError(error: Error): void {
    if (this.#state === "open") this.#handler.onError(error);
    this.#stream.destroy();
  }

  #onStreamClose(): void {
    this.#state = "closed";
    this.#closeTimer?.cancel();
    this.#parser.stop();
    this.#queue.close();
    this.#handler.onClose(this.#closeCode, this.#closeReason);
  }
}

const masks = new Int32Array(1024);
let masksUsed = masks.length;

/** A fresh key from a strong source of entropy for each frame (RFC 6455 §10.3). */
function randomMask(): number {
  if (masksUsed === masks.length) {
    randomFillSync(masks);
    masksUsed = 0;
  }
  return masks[masksUsed++]!;
}

function allocate(bytes: number): Buffer {
  return Buffer.allocUnsafeSlow(bytes);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
