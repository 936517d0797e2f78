import { CLOSE_ABNORMAL } from "../protocol/index.ts";
import type { EventArguments, EventNames } from "../shared/events.ts";
import { consoleLogger } from "../shared/logger.ts";
import type { AdoptedStream } from "./adopted-stream.ts";
import { type BufferLimit, messageDropped } from "./buffer-limit.ts";
import type { ConnectionHandler } from "./connection-handler.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import { Connection } from "./connection.ts";
import { Connector } from "./connector.ts";
import { binaryMessage, type BinaryType, controlPayload, slice, type WebSocketData } from "./data.ts";
import { ConnectionError } from "./errors.ts";
import { WebSocketEventTarget, type WebSocketEvents } from "./event-target.ts";
import { keepaliveFor } from "./keepalive.ts";
import type { CommonOptions, WebSocketOptions } from "./options.ts";
import { PreparedMessage } from "./prepared-message.ts";
import { type SendCallback, sendOn, type SendOptions } from "./send-options.ts";
import { answerHeartbeat, type TextHeartbeat } from "./text-heartbeat.ts";

const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

/** What a socket looks up in the options it was made with. */
type SocketOptions = CommonOptions & { textHeartbeats?: readonly TextHeartbeat[] };

/**
 * A WebSocket in Node, by the names of `ws` and of a page.
 *
 * @example
 * const ws = new WebSocket("ws://localhost:8080");
 * ws.on("open", () => ws.send("hello"));
 * ws.on("message", (data) => console.log(String(data)));
 */
export class WebSocket extends WebSocketEventTarget implements ConnectionHandler {
  static readonly CONNECTING: 0 = CONNECTING;
  static readonly OPEN: 1 = OPEN;
  static readonly CLOSING: 2 = CLOSING;
  static readonly CLOSED: 3 = CLOSED;

  /** How binary messages are handed over. Default `nodebuffer`. */
  binaryType: BinaryType = "nodebuffer";
  readonly #options: SocketOptions;
  #role: ConnectionOptions["role"] = "client";
  #onClosed: ((socket: WebSocket) => void) | undefined;
  #url = "";
  #protocol = "";
  #extensions = "";
  #readyState: 0 | 1 | 2 | 3 = CONNECTING;
  #connection: Connection | undefined;
  /** As long as it connects. */
  #connector: Connector | undefined;

  /**
   * Opens a connection. Throws a `SyntaxError` for a bad address or subprotocol; everything later is an event.
   * `null` makes one without a connection, for a server to fill.
   */
  constructor(
    address: string | URL | null,
    protocols?: string | readonly string[] | WebSocketOptions,
    options?: WebSocketOptions,
  ) {
    super();
    const hasProtocols = typeof protocols === "string" || Array.isArray(protocols);
    const given = options ?? (hasProtocols ? {} : ((protocols ?? {}) as WebSocketOptions));
    this.#options = given;
    if (address === null) return;
    const names = hasProtocols ? (protocols as string | readonly string[]) : undefined;
    this.#connector = this.#connect(address, names, given);
    this.#url = this.#connector.url.href;
  }

  get CONNECTING(): 0 {
    return CONNECTING;
  }
  get OPEN(): 1 {
    return OPEN;
  }
  get CLOSING(): 2 {
    return CLOSING;
  }
  get CLOSED(): 3 {
    return CLOSED;
  }

  /** `CONNECTING`, `OPEN`, `CLOSING` or `CLOSED`. */
  get readyState(): 0 | 1 | 2 | 3 {
    if (this.#connection === undefined || this.#readyState !== OPEN) return this.#readyState;
    return this.#connection.state === "open" ? OPEN : CLOSING;
  }

  /** The subprotocol that was agreed on, "" for none. */
  get protocol(): string {
    return this.#protocol;
  }

  /** The extensions that were agreed on: `permessage-deflate` or "". */
  get extensions(): string {
    return this.#extensions;
  }

  /** The address of the server; "" on the server's side. */
  get url(): string {
    return this.#url;
  }

  /** Bytes accepted by {@link send} and not yet taken by the operating system. */
  get bufferedAmount(): number {
    return this.#connection?.bufferedBytes ?? 0;
  }

  /** Whether {@link pause} was called. */
  get isPaused(): boolean {
    return this.#connection?.isPaused ?? false;
  }

  /**
   * Sends a message. Throws while connecting; after closing has begun, or if the message was dropped because too much waits
   * already, `callback` gets a `ConnectionError`. Long binary data is not copied: don't change it afterwards.
   */
  send(
    data: WebSocketData | PreparedMessage,
    options?: SendOptions | SendCallback,
    callback?: SendCallback,
  ): void {
    const done = typeof options === "function" ? options : callback;
    const connection = this.#openConnection("send", done);
    if (connection === undefined) return;
    const taken = sendOn(connection, data, typeof options === "object" ? options : NO_OPTIONS);
    if (done === undefined) return;
    if (taken) connection.afterWrite(done);
    else process.nextTick(done, messageDropped());
  }

  /**
   * Sends a message and resolves when it has been taken by the operating system; rejects with a `ConnectionError` if it can't be.
   * Awaiting each message keeps `bufferedAmount` small, whatever the peer does.
   */
  sendAsync(data: WebSocketData | PreparedMessage, options: SendOptions = NO_OPTIONS): Promise<void> {
    return new Promise((resolve, reject) => {
      this.send(data, options, (error) => {
        if (error === undefined || error === null) resolve();
        else reject(error);
      });
    });
  }

  /** Sends a ping of at most 125 bytes. `mask` is ignored: the protocol leaves no choice. */
  ping(payload?: WebSocketData | SendCallback, mask?: boolean | SendCallback, callback?: SendCallback): void {
    this.#sendControl("ping", payload, mask, callback);
  }

  /** Sends an unsolicited pong of at most 125 bytes. */
  pong(payload?: WebSocketData | SendCallback, mask?: boolean | SendCallback, callback?: SendCallback): void {
    this.#sendControl("pong", payload, mask, callback);
  }

  /** Begins the close handshake; what was sent before still arrives. Throws for a code that may not be sent. */
  close(code?: number, reason?: string | Buffer): void {
    if (this.#connector !== undefined) this.#abort(this.#connector);
    else this.#connection?.close(code, reason === undefined ? undefined : String(reason));
  }

  /** Ends the connection at once, without a close handshake. */
  terminate(): void {
    if (this.#connector !== undefined) this.#abort(this.#connector);
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

  /** @internal Takes over a stream whose opening handshake is done; `onClosed` is called at the end, before the event. */
  adopt(adopted: AdoptedStream, onClosed?: (socket: WebSocket) => void): void {
    const { stream, answer, head, protocol, options, deflate } = adopted;
    this.#role = options.role;
    this.#onClosed = onClosed;
    this.#protocol = protocol;
    this.#extensions = deflate === undefined ? "" : "permessage-deflate";
    this.#readyState = OPEN;
    const connection = new Connection(
      stream,
      deflate === undefined ? options : { ...options, deflate },
      this,
    );
    this.#connection = connection;
    connection.sendAnswer(answer);
    // Listeners are added in the turn in which the user gets the socket; frames must not come before them.
    process.nextTick(startReading, connection, head);
  }

  /** @internal */
  receiveMessage(bytes: Buffer, start: number, end: number, isText: boolean): void {
    const { textHeartbeats } = this.#options;
    if (isText && textHeartbeats !== undefined) {
      const answer = answerHeartbeat(textHeartbeats, bytes, start, end);
      if (answer !== undefined) {
        // The application may be in the middle of a message of its own.
        this.#connection?.sendPrepared(new PreparedMessage(Buffer.from(answer), true, true));
        return;
      }
    }
    const message = slice(bytes, start, end);
    this.dispatchTwo("message", isText ? message : binaryMessage(message, this.binaryType), !isText);
  }

  /** @internal */
  receivePing(payload: Buffer): void {
    this.emit("ping", payload);
  }

  /** @internal */
  receivePong(payload: Buffer): void {
    this.emit("pong", payload);
  }

  /** @internal */
  onDrain(): void {
    this.emit("drain");
  }

  /** @internal On a client, an error that nobody listens to is logged; on a server it is the peer's affair, and would fill the log. */
  onError(error: Error): void {
    if (this.emit("error", error)) return;
    const logger = this.#options.logger ?? consoleLogger;
    logger[this.#role === "client" ? "error" : "debug"]({ err: error }, "A WebSocket failed.");
  }

  /** @internal */
  onClose(code: number, reason: Buffer): void {
    this.#readyState = CLOSED;
    this.#onClosed?.(this);
    this.emit("close", code, reason);
  }

  /** @internal Sends a message that many connections get, within a limit of its own; returns whether it was taken. */
  sendPrepared(message: PreparedMessage, limit: BufferLimit | undefined): boolean {
    return this.#connection?.sendPrepared(message, limit) ?? false;
  }

  /** @internal */
  takeHasRead(): boolean {
    return this.#connection?.takeHasRead() ?? false;
  }

  /** @internal Nothing came for too long. */
  giveUp(quietMs: number): void {
    const message = `The peer was silent for ${Math.round(quietMs)} ms although it was pinged.`;
    this.#connection?.destroy(new ConnectionError("WS_ERR_IDLE_TIMEOUT", message));
  }

  protected override listenerFailed(error: unknown, name: string): void {
    const logger = this.#options.logger ?? consoleLogger;
    logger.error({ err: error }, `A listener for "${name}" of a WebSocket failed.`);
  }

  #connect(
    address: string | URL,
    protocols: string | readonly string[] | undefined,
    options: WebSocketOptions,
  ): Connector {
    return new Connector(address, protocols, options, {
      onConnected: (adopted, response) => {
        this.#connector = undefined;
        this.emit("upgrade", response);
        this.adopt(adopted);
        const keepalive = keepaliveFor(options);
        keepalive?.add(this);
        if (keepalive !== undefined) this.once("close", () => keepalive.remove(this));
        this.emit("open");
      },
      onFailed: (error) => {
        this.#connector = undefined;
        this.#readyState = CLOSED;
        this.onError(error);
        this.emit("close", CLOSE_ABNORMAL, Buffer.alloc(0));
      },
      onUnexpectedResponse: (request, response) => this.emit("unexpected-response", request, response),
      onRedirect: (to, request) => {
        this.#url = to.href;
        this.emit("redirect", to.href, request);
      },
    });
  }

  /** Gives up the opening handshake. */
  #abort(connector: Connector): void {
    this.#connector = undefined;
    this.#readyState = CLOSING;
    connector.abort();
  }

  #sendControl(
    what: "ping" | "pong",
    payload?: WebSocketData | SendCallback,
    mask?: boolean | SendCallback,
    callback?: SendCallback,
  ): void {
    const done = [payload, mask, callback].find((argument) => typeof argument === "function");
    const bytes = controlPayload(typeof payload === "function" ? undefined : payload);
    const connection = this.#openConnection(what, done);
    if (connection === undefined) return;
    if (what === "ping") connection.sendPing(bytes);
    else connection.sendPong(bytes);
    if (done !== undefined) connection.afterWrite(done);
  }

  #openConnection(what: string, callback?: SendCallback): Connection | undefined {
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

const NO_OPTIONS: SendOptions = {};

function startReading(connection: Connection, head: Buffer): void {
  connection.start(head);
}
