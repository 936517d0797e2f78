import { isUtf8 } from "node:buffer";
import type { Duplex } from "node:stream";
import {
  BINARY,
  CLOSE_ABNORMAL,
  CLOSE_NO_STATUS,
  FrameParser,
  type FrameSink,
  headerBytes,
  PING,
  PONG,
  ProtocolError,
  TEXT,
} from "../protocol/index.ts";
import { type BufferLimit, bufferFull } from "./buffer-limit.ts";
import { CloseHandshake } from "./close-handshake.ts";
import { closePayload } from "./close-payload.ts";
import type { ConnectionHandler } from "./connection-handler.ts";
import { type ConnectionOptions, parserOptionsOf } from "./connection-options.ts";
import { Compression } from "./deflate/compression.ts";
import { randomMask } from "./mask-keys.ts";
import type { PreparedMessage } from "./prepared-message.ts";
import { Sender } from "./sender.ts";
import type { SharedFrames } from "./shared-frames.ts";
import { ownStream, type StreamOwner } from "./stream-owner.ts";
import { WriteQueue } from "./write-queue.ts";

export type { BufferLimit, OverflowPolicy } from "./buffer-limit.ts";
export type { ConnectionHandler } from "./connection-handler.ts";
export type { ConnectionOptions } from "./connection-options.ts";

/**
 * `open`: both ways. `closing`: nothing is sent any more; messages that the peer sent before it answered are still
 * handed over. `closed`: the stream is gone.
 */
export type ConnectionState = "open" | "closing" | "closed";

const NO_REASON = Buffer.alloc(0);
const FIN = 0x80;

/**
 * One WebSocket over one stream, either role.
 *
 * It owns the stream from the end of the opening handshake on. Payloads handed to `sendMessage` are not copied when
 * they are long, so they must not be changed afterwards. Whatever sends returns whether it was taken: not unless the connection
 * is open, and not if it was dropped by the overflow policy.
 */
export class Connection implements FrameSink, StreamOwner {
  readonly #stream: Duplex;
  readonly #options: ConnectionOptions;
  readonly #handler: ConnectionHandler;
  readonly #parser: FrameParser;
  readonly #queue: WriteQueue;
  /** Keeps what is sent in order where it can't all go straight to the queue: with compression, after fragments, at the close. */
  #sender: Sender | undefined;
  readonly #compression: Compression | undefined;
  #state: ConnectionState = "open";
  /** Undefined until it begins. */
  #closing: CloseHandshake | undefined;
  #paused = false;
  /** A message is being inflated: what comes behind it must wait. */
  #inflating = false;
  #inflated: { readonly message: Buffer; readonly isText: boolean } | undefined;
  #hasRead = false;
  /** What became of the fragments sent so far of a message whose last one is still to come. */
  #fragments: "taken" | "dropped" | undefined;

  constructor(stream: Duplex, options: ConnectionOptions, handler: ConnectionHandler) {
    const { role, maxMessageBytes, deflate } = options;
    this.#stream = stream;
    this.#options = options;
    this.#handler = handler;
    this.#queue = new WriteQueue(stream, role === "client" ? randomMask : undefined);
    if (deflate !== undefined) {
      this.#compression = new Compression(deflate.settings, deflate.parameters, role, maxMessageBytes);
      this.#makeSender();
    }
    this.#parser = new FrameParser(this, parserOptionsOf(options));
  }

  /**
   * Answers the opening handshake, if that is to be done over the stream itself. It leaves at {@link start}, with the messages that are sent
   * until then, and even if the connection is destroyed before.
   */
  sendAnswer(answer: string): void {
    if (answer === "") return;
    this.#queue.hold();
    this.#queue.pushAnswer(answer);
  }

  /** Begins to read; `head` is what came behind the handshake. Called once, when the handler is ready. */
  start(head: Uint8Array): void {
    const stream = this.#stream;
    ownStream(stream, this);
    // Whoever read the handshake may have paused it.
    if (!this.#paused) stream.resume();
    if (head.length > 0) this.#receive(head);
    else this.#queue.release();
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get isPaused(): boolean {
    return this.#paused;
  }

  /** Bytes accepted for sending and not yet taken by the operating system. */
  get bufferedBytes(): number {
    return this.#waitingBytes + this.#queue.bufferedBytes;
  }

  /** Whether anything came since this was asked the last time. */
  takeHasRead(): boolean {
    const hasRead = this.#hasRead;
    this.#hasRead = false;
    return hasRead;
  }

  /** Sends a text message. */
  sendText(text: string, compress = true): boolean {
    if (this.#fragments !== undefined) return this.sendMessage(Buffer.from(text), true, compress);
    // Counting bytes costs time, and only matters where messages are dropped.
    const bytes = this.#options.overflow === "drop" ? Buffer.byteLength(text) : text.length;
    if (!this.#mayQueue(bytes)) return false;
    if (this.#sender === undefined) this.#queue.pushText(FIN | TEXT, text);
    else this.#sender.sendText(text, compress);
    return this.#checkBuffered();
  }

  /** Sends a message; text must be valid UTF-8. `fin` false: more of it follows. */
  sendMessage(payload: Uint8Array, isText: boolean, compress = true, fin = true): boolean {
    const before = this.#fragments;
    // A message is left out as a whole or not at all.
    const isTaken =
      before === undefined ? this.#mayQueue(payload.length) : before === "taken" && this.#state === "open";
    this.#fragments = fin ? undefined : isTaken ? "taken" : "dropped";
    if (!isTaken) return false;
    const sender = fin ? this.#sender : this.#makeSender();
    if (sender === undefined) this.#queue.pushBytes(FIN | (isText ? TEXT : BINARY), payload);
    else sender.sendMessage(payload, isText, compress, fin);
    return before === undefined
      ? this.#checkBuffered()
      : this.#checkBuffered({ maxBufferedBytes: this.#options.maxBufferedBytes, overflow: "terminate" });
  }

  /** Sends a message that was made once for many connections; `limit` overrides the connection's own. */
  sendPrepared(message: PreparedMessage, limit: BufferLimit = this.#options): boolean {
    // A client's frames are masked, each with a key of its own: there is nothing to share.
    if (this.#options.role === "client") {
      return this.sendMessage(message.payload, message.isText, message.mayCompress);
    }
    if (!this.#mayQueue(message.payload.length, limit)) return false;
    if (this.#sender === undefined) this.#queue.pushShared(message.plain);
    else this.#sender.sendPrepared(message);
    return this.#checkBuffered(limit);
  }

  /** Sends whole frames that were made once for many connections. */
  sendFrames(frames: SharedFrames): boolean {
    if (!this.#mayQueue(frames.length)) return false;
    if (this.#sender === undefined) this.#queue.pushShared(frames);
    else this.#sender.sendFrames(frames);
    return this.#checkBuffered();
  }

  /** Sends a ping of at most 125 bytes. */
  sendPing(payload: Uint8Array = NO_REASON): boolean {
    return this.#sendControl(PING, payload);
  }

  /** Sends an unsolicited pong of at most 125 bytes. */
  sendPong(payload: Uint8Array = NO_REASON): boolean {
    return this.#sendControl(PONG, payload);
  }

  /** Calls back when what was sent until now has been taken by the operating system, or with an error if it can't be. */
  afterWrite(callback: (error?: Error) => void): void {
    (this.#sender ?? this.#queue).afterWrite(callback);
  }

  /** Stops handing over messages until {@link resume}; the peer is made to wait. */
  pause(): void {
    if (this.#state !== "open") return;
    this.#paused = true;
    this.#updateFlow();
  }

  /** Ends {@link pause}. */
  resume(): void {
    if (!this.#paused || this.#state === "closed") return;
    this.#paused = false;
    this.#updateFlow();
  }

  /**
   * Begins the close handshake (RFC 6455 §7.1.2): what was sent before is still sent. A peer that doesn't answer within
   * `closeTimeoutMs` is destroyed. A second call does nothing.
   */
  close(code?: number, reason?: string): void {
    if (this.#state !== "open") return;
    this.#sendClose(closePayload(code, reason), () => {});
    this.#closeHandshake().awaitEnd();
    this.resume();
  }

  /** Ends the stream now, without a close frame; an error is reported. */
  destroy(error?: Error): void {
    const wasOpen = this.#state === "open";
    if (wasOpen) this.#state = "closing";
    this.#parser.stop();
    this.#release();
    this.#stream.destroy();
    if (wasOpen && error !== undefined) this.#handler.onError(error);
  }

  receiveChunk(chunk: Buffer): void {
    this.#receive(chunk);
  }

  onStreamEnd(): void {
    this.#queue.flush();
    if (this.#state === "open") this.#state = "closing";
    this.#closeHandshake().awaitEnd();
    this.#stream.end();
  }

  onStreamDrain(): void {
    this.#handler.onDrain();
  }

  onStreamError(error: Error): void {
    if (this.#state === "open") this.#handler.onError(error);
    this.#stream.destroy();
  }

  onStreamClose(): void {
    this.#state = "closed";
    this.#closing?.finish();
    this.#parser.stop();
    this.#release();
    this.#handler.onClose(this.#closing?.code ?? CLOSE_ABNORMAL, this.#closing?.reason ?? NO_REASON);
  }

  receiveMessage(
    bytes: Uint8Array,
    start: number,
    end: number,
    isText: boolean,
    isAscii: boolean,
    isCompressed: boolean,
  ): void {
    if (this.#state === "closed") return;
    if (isCompressed) this.#inflate(bytes.subarray(start, end), isText);
    else this.#handler.receiveMessage(bytes as Buffer, start, end, isText, isAscii);
  }

  receivePing(payload: Uint8Array): void {
    if (this.#state === "closed") return;
    // RFC 6455 §5.5.2: answered as soon as is practical, with the same payload.
    if (this.#options.autoPong !== false) this.sendPong(payload);
    this.#handler.receivePing(asBuffer(payload));
  }

  receivePong(payload: Uint8Array): void {
    if (this.#state !== "closed") this.#handler.receivePong(asBuffer(payload));
  }

  receiveClose(code: number, reason: Uint8Array): void {
    const closing = this.#closeHandshake();
    closing.receive(code, asBuffer(reason));
    // RFC 6455 §5.5.1: answered with what came, once.
    this.#sendClose(code === CLOSE_NO_STATUS ? NO_REASON : closePayload(code, String(closing.reason)), () => {
      // RFC 6455 §7.1.1: the server ends the stream first, the client waits for it.
      if (this.#options.role === "server") this.#stream.end();
    });
  }

  #inflate(payload: Uint8Array, isText: boolean): void {
    const message = this.#compression!.decompress(payload, (error, later) => {
      this.#inflating = false;
      if (error === undefined) this.#inflated = { message: later, isText };
      else this.#fail(error);
      this.#updateFlow();
    });
    if (message !== undefined) {
      this.#deliver(message, isText);
      return;
    }
    this.#inflating = true;
    this.#updateFlow();
  }

  /** Hands over a message that was compressed; RFC 6455 §8.1 holds for what was inflated. */
  #deliver(message: Buffer, isText: boolean): void {
    if (isText && !isUtf8(message)) {
      throw new ProtocolError("WS_ERR_INVALID_UTF8", "Invalid text: it is not UTF-8.");
    }
    this.#handler.receiveMessage(message, 0, message.length, isText, false);
  }

  #sendControl(opcode: number, payload: Uint8Array): boolean {
    if (!this.#mayQueue(payload.length)) return false;
    if (this.#sender === undefined) this.#queue.pushBytes(FIN | opcode, payload);
    else this.#sender.sendControl(opcode, payload);
    return this.#checkBuffered();
  }

  /** See {@link CloseHandshake.send}; nothing else is sent any more. */
  #sendClose(payload: Uint8Array, onSent: () => void): void {
    if (this.#state === "open") this.#state = "closing";
    this.#closeHandshake().send(payload, onSent);
  }

  #closeHandshake(): CloseHandshake {
    return (this.#closing ??= new CloseHandshake(
      this.#stream,
      this.#queue,
      this.#makeSender(),
      this.#options,
    ));
  }

  #makeSender(): Sender {
    return (this.#sender ??= new Sender(this.#queue, this.#compression));
  }

  /** Bytes that wait in the sender. */
  get #waitingBytes(): number {
    return this.#sender === undefined ? 0 : this.#sender.waitingBytes;
  }

  /** Whether a message may be sent at all; a limit that drops must be looked at before. */
  #mayQueue(bytes: number, limit: BufferLimit = this.#options): boolean {
    if (this.#state !== "open") return false;
    const { maxBufferedBytes, overflow } = limit;
    if (overflow !== "drop" || maxBufferedBytes === 0) return true;
    const header = headerBytes(bytes, this.#options.role === "client");
    return this.bufferedBytes + header + bytes <= maxBufferedBytes;
  }

  #checkBuffered({ maxBufferedBytes, overflow }: BufferLimit = this.#options): boolean {
    if (this.#waitingBytes === 0 && this.#queue.isCertainlyWithin(maxBufferedBytes)) return true;
    if (maxBufferedBytes === 0 || overflow === "drop" || this.bufferedBytes <= maxBufferedBytes) return true;
    this.destroy(bufferFull(maxBufferedBytes));
    return false;
  }

  /**
   * Parses a chunk, or what the parser kept; what is sent meanwhile leaves in one write. The one place where a breach becomes a
   * close (RFC 6455 §7.1.7).
   */
  #receive(chunk: Uint8Array | undefined): void {
    this.#hasRead = true;
    this.#queue.hold();
    try {
      if (chunk === undefined) this.#receiveKept();
      else this.#parser.receive(chunk);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#fail(error);
    } finally {
      this.#queue.release();
    }
  }

  #receiveKept(): void {
    const inflated = this.#inflated;
    this.#inflated = undefined;
    if (inflated !== undefined) this.#deliver(inflated.message, inflated.isText);
    // The application may have paused over that message.
    if (!this.#paused) this.#parser.resume();
  }

  #fail(error: ProtocolError): void {
    if (this.#state === "closed") return;
    const wasOpen = this.#state === "open";
    this.#parser.stop();
    this.#sender?.drop();
    this.#closeHandshake().awaitEnd();
    this.#sendClose(closePayload(error.closeCode, error.message), () => {
      // Reading goes on, and is ignored: ending with unread input would reset the stream and lose the close frame.
      this.#stream.resume();
      this.#stream.end();
    });
    if (wasOpen) this.#handler.onError(error);
  }

  /** Reads unless the application paused or a message is being inflated. */
  #updateFlow(): void {
    if (this.#state === "closed") return;
    if (this.#paused || this.#inflating) {
      this.#parser.pause();
      this.#stream.pause();
      return;
    }
    this.#stream.resume();
    this.#receive(undefined);
  }

  #release(): void {
    this.#sender?.drop();
    this.#queue.close();
    this.#compression?.close();
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
