import type { Duplex } from "node:stream";
import { type Clock, systemClock } from "../shared/clock.ts";
import { Emitter } from "../shared/emitter.ts";
import type { EventArguments, EventNames } from "../shared/events.ts";
import { consoleLogger, type Logger } from "../shared/logger.ts";
import { connect, parseAddress, parseProtocols } from "./client-handshake.ts";
import { Connection, type ConnectionHandler, type ConnectionOptions } from "./connection.ts";
import { ConnectionError } from "./errors.ts";

/** What may be sent: text as a string, bytes as anything that holds bytes. */
export type WebSocketData = string | ArrayBufferLike | ArrayBufferView;

/** The events of a {@link WebSocket}. */
export type WebSocketEvents = {
  /** The opening handshake is done. */
  open: () => void;
  /** A message; text comes as its UTF-8 bytes too, with `isBinary` false. */
  message: (data: Buffer, isBinary: boolean) => void;
  /** A ping, already answered. */
  ping: (payload: Buffer) => void;
  pong: (payload: Buffer) => void;
  /** What went wrong; `close` follows. */
  error: (error: Error) => void;
  /** The last event: 1005 if the peer gave no code, 1006 if it left without a close frame. */
  close: (code: number, reason: Buffer) => void;
};

/** Options of a client. */
export interface WebSocketOptions {
  /** Headers to send with the handshake. */
  headers?: Record<string, string>;
  /** How long the server may take to answer, in milliseconds. Default 10,000. */
  handshakeTimeout?: number;
  /** The longest message taken, in bytes; a longer one closes with 1009. Default 100 MiB; 0: no limit. */
  maxPayload?: number;
  /** The most bytes that may wait to be sent; beyond it the connection is destroyed. Default 64 MiB; 0: no limit. */
  maxBufferedBytes?: number;
  /** How long the server may take to finish the close handshake, in milliseconds. Default 30,000. */
  closeTimeout?: number;
  /** Where to report listeners that throw. Default: the console. */
  logger?: Logger;
  /** Where time comes from. Default: the machine's clock. */
  clock?: Clock;
}

/** The documented defaults, for server and client. */
export const DEFAULTS: Readonly<
  Record<"handshakeTimeout" | "maxPayload" | "maxBufferedBytes" | "closeTimeout", number>
> = {
  handshakeTimeout: 10_000,
  maxPayload: 100 * 1024 * 1024,
  maxBufferedBytes: 64 * 1024 * 1024,
  closeTimeout: 30_000,
};

const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

/**
 * A WebSocket in Node, by the names of `ws`.
 *
 * @example
 * const ws = new WebSocket("ws://localhost:8080");
 * ws.on("open", () => ws.send("hello"));
 * ws.on("message", (data) => console.log(String(data)));
 */
export class WebSocket extends Emitter<WebSocketEvents> {
  static readonly CONNECTING: 0 = CONNECTING;
  static readonly OPEN: 1 = OPEN;
  static readonly CLOSING: 2 = CLOSING;
  static readonly CLOSED: 3 = CLOSED;
  readonly CONNECTING: 0 = CONNECTING;
  readonly OPEN: 1 = OPEN;
  readonly CLOSING: 2 = CLOSING;
  readonly CLOSED: 3 = CLOSED;

  readonly #options: WebSocketOptions;
  #url = "";
  #protocol = "";
  #readyState: 0 | 1 | 2 | 3 = CONNECTING;
  #connection: Connection | undefined;
  #abortHandshake: (() => void) | undefined;

  /**
   * Opens a connection. Throws a `SyntaxError` for a bad address or subprotocol; everything later is an event.
   * `null` makes one without a connection, for {@link WebSocketServer} to fill.
   */
  constructor(
    address: string | URL | null,
    protocols?: string | readonly string[],
    options: WebSocketOptions = {},
  ) {
    super();
    this.#options = options;
    if (address === null) return;
    const url = parseAddress(address);
    const names = parseProtocols(protocols);
    this.#url = url.href;
    this.#abortHandshake = connect(
      url,
      names,
      {
        headers: options.headers,
        handshakeTimeoutMs: options.handshakeTimeout ?? DEFAULTS.handshakeTimeout,
        clock: options.clock ?? systemClock,
      },
      {
        onUpgraded: (stream, head, protocol) => {
          this.#abortHandshake = undefined;
          this.adopt(stream, head, protocol, "client");
          this.emit("open");
        },
        onFailed: (error) => {
          this.#abortHandshake = undefined;
          this.#readyState = CLOSED;
          this.emit("error", error);
          this.emit("close", 1006, Buffer.alloc(0));
        },
      },
    );
  }

  /** `CONNECTING`, `OPEN`, `CLOSING` or `CLOSED`. */
  get readyState(): 0 | 1 | 2 | 3 {
    if (this.#connection === undefined || this.#readyState === CLOSED) return this.#readyState;
    return this.#connection.state === "open" ? OPEN : CLOSING;
  }

  /** The subprotocol that was agreed on, "" for none. */
  get protocol(): string {
    return this.#protocol;
  }

  /** The address of the server; "" on the server's side. */
  get url(): string {
    return this.#url;
  }

  /** Bytes accepted by {@link send} and not yet taken by the operating system. */
  get bufferedAmount(): number {
    return this.#connection?.bufferedBytes ?? 0;
  }

  /**
   * Sends a message: text for a string, else binary (`options.binary` overrides it).
   * Throws while connecting. After closing has begun the message is dropped and `callback` gets an error.
   * Long binary data is not copied: don't change it afterwards.
   */
  send(
    data: WebSocketData,
    options?: { binary?: boolean } | ((error?: Error) => void),
    callback?: (error?: Error) => void,
  ): void {
    const done = typeof options === "function" ? options : callback;
    const binary = typeof options === "object" ? options.binary : undefined;
    const connection = this.#sending("send", done);
    if (connection === undefined) return;
    if (typeof data === "string" && binary !== true) connection.sendText(data);
    else if (binary === false) connection.sendUtf8(bytesOf(data));
    else connection.sendBinary(bytesOf(data));
    done?.();
  }

  /** Sends a ping of at most 125 bytes. */
  ping(payload?: WebSocketData, mask?: boolean, callback?: (error?: Error) => void): void {
    const connection = this.#sending("ping", callback);
    if (connection === undefined) return;
    connection.sendPing(controlPayload(payload));
    callback?.();
  }

  /** Sends an unsolicited pong of at most 125 bytes. */
  pong(payload?: WebSocketData, mask?: boolean, callback?: (error?: Error) => void): void {
    const connection = this.#sending("pong", callback);
    if (connection === undefined) return;
    connection.sendPong(controlPayload(payload));
    callback?.();
  }

  /** Begins the close handshake; what was sent before still arrives. Throws for a code that may not be sent. */
  close(code?: number, reason?: string | Buffer): void {
    if (this.#abortHandshake !== undefined) this.#abortHandshake();
    else this.#connection?.close(code, reason === undefined ? undefined : String(reason));
  }

  /** Ends the connection at once, without a close handshake. */
  terminate(): void {
    if (this.#abortHandshake !== undefined) this.#abortHandshake();
    else this.#connection?.destroy();
  }

  /** Stops `message` events until {@link resume}; the peer is made to wait. */
  pause(): void {
    this.#connection?.pause();
  }

  /** Ends {@link pause}. */
  resume(): void {
    this.#connection?.resume();
  }

  /** Calls the listeners of an event; one that throws is logged and does not keep the others from being called. */
  emit<Name extends EventNames<WebSocketEvents>>(
    name: Name,
    ...args: EventArguments<WebSocketEvents, Name>
  ): boolean {
    return this.dispatch(name, args);
  }

  protected override listenerFailed(error: unknown, name: string): void {
    const logger = this.#options.logger ?? consoleLogger;
    logger.error({ err: error }, `A listener for "${name}" of a WebSocket failed.`);
  }

  /** @internal Takes over a stream whose opening handshake is done. */
  adopt(stream: Duplex, head: Buffer, protocol: string, role: ConnectionOptions["role"]): void {
    const options = this.#options;
    this.#protocol = protocol;
    this.#readyState = OPEN;
    this.#connection = new Connection(
      stream,
      {
        role,
        maxMessageBytes: options.maxPayload ?? DEFAULTS.maxPayload,
        maxBufferedBytes: options.maxBufferedBytes ?? DEFAULTS.maxBufferedBytes,
        closeTimeoutMs: options.closeTimeout ?? DEFAULTS.closeTimeout,
        clock: options.clock ?? systemClock,
      },
      this.#handler(),
    );
    const connection = this.#connection;
    // Listeners are added in the turn in which the user gets the socket; frames must not come before them.
    process.nextTick(() => connection.start(head));
  }

  #handler(): ConnectionHandler {
    return {
      receiveMessage: (bytes, start, end, isText) => {
        this.emit("message", bytes.subarray(start, end), !isText);
      },
      receivePing: (payload) => this.emit("ping", payload),
      receivePong: (payload) => this.emit("pong", payload),
      onError: (error) => this.emit("error", error),
      onClose: (code, reason) => {
        this.#readyState = CLOSED;
        this.emit("close", code, reason);
      },
    };
  }

  #sending(what: string, callback?: (error?: Error) => void): Connection | undefined {
    const state = this.readyState;
    if (state === OPEN) return this.#connection;
    const error = new ConnectionError(
      "WS_ERR_NOT_OPEN",
      `Can't ${what}: the WebSocket is ${state === CONNECTING ? "still connecting" : "closing or closed"}.`,
    );
    if (state === CONNECTING) throw error;
    if (callback !== undefined) process.nextTick(callback, error);
    return undefined;
  }
}

function bytesOf(data: WebSocketData): Uint8Array {
  if (typeof data === "string") return Buffer.from(data);
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (data instanceof ArrayBuffer || data instanceof SharedArrayBuffer) return new Uint8Array(data);
  throw new TypeError("A WebSocket message is a string, an ArrayBuffer or a view of one.");
}

function controlPayload(payload: WebSocketData | undefined): Uint8Array {
  const bytes = payload === undefined ? new Uint8Array(0) : bytesOf(payload);
  if (bytes.length > 125) throw new RangeError("A ping or pong carries at most 125 bytes.");
  return bytes;
}
