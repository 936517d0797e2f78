import type { Timer } from "../../shared/clock.ts";
import { Backoff } from "../backoff.ts";
import type { Platform, WorldEvent } from "../platform.ts";
import { type ConnectionHost, ReliableConnection } from "./connection.ts";
import { asMessage, asReceived, type ReliableWebSocketData } from "./data.ts";
import { ReliableWebSocketError, type ReliableWebSocketErrorCode } from "./errors.ts";
import {
  DropEvent,
  ReconnectingEvent,
  ReliableCloseEvent,
  ReliableErrorEvent,
  ReliableOpenEvent,
} from "./events.ts";
import { Heartbeat, type HeartbeatHost } from "./heartbeat.ts";
import {
  type CheckedOptions,
  checkOptions,
  type ReliableWebSocketOptions,
  type ReliableWebSocketUrl,
} from "./options.ts";
import { Outbox } from "./outbox.ts";
import { checkClose, subprotocols, webSocketUrl } from "./rules.ts";
import { ReliableWebSocketTarget } from "./target.ts";

const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

/** A page's WebSocket that comes back by itself, on any platform. Users make it by {@link ReliableWebSocketClass}. */
export class ReliableWebSocketCore extends ReliableWebSocketTarget implements ConnectionHost, HeartbeatHost {
  static readonly CONNECTING: 0 = CONNECTING;
  static readonly OPEN: 1 = OPEN;
  static readonly CLOSING: 2 = CLOSING;
  static readonly CLOSED: 3 = CLOSED;

  readonly #platform: Platform;
  readonly #options: CheckedOptions;
  readonly #url: ReliableWebSocketUrl;
  readonly #protocols: readonly string[];
  readonly #backoff: Backoff;
  readonly #outbox: Outbox;
  readonly #unwatch: () => void;
  #readyState: 0 | 1 | 2 | 3 = CONNECTING;
  #binaryType: "blob" | "arraybuffer" = "blob";
  #connection: ReliableConnection | undefined;
  #heartbeat: Heartbeat | undefined;
  #retryTimer: Timer | undefined;
  #openedAt = 0;
  #hasBeenOpen = false;

  /** @internal */
  constructor(
    platform: Platform,
    url: ReliableWebSocketUrl,
    protocols: string | readonly string[] = [],
    options: ReliableWebSocketOptions = {},
  ) {
    super();
    this.#platform = platform;
    this.#options = checkOptions(options);
    this.#url = typeof url === "function" ? url : webSocketUrl(url, platform.pageUrl);
    this.#protocols = subprotocols(protocols);
    const { reconnectionDelay, reconnectionDelayMax } = this.#options;
    this.#backoff = new Backoff(reconnectionDelay, reconnectionDelayMax, platform.random);
    this.#outbox = new Outbox(this.#options, {
      onDrop: (data) => this.dispatchEvent(new DropEvent(data)),
      onUnreadable: (error) => {
        this.#report("RWS_ERR_UNREADABLE_BLOB", "A Blob that was to be sent can't be read", error);
      },
    });
    this.#unwatch = platform.watch((event) => this.#onWorldEvent(event));
    this.#connect();
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

  /** `CONNECTING` also between two connections; `CLOSED` when it is over for good. */
  get readyState(): 0 | 1 | 2 | 3 {
    return this.#readyState;
  }

  /** The address of the connection, or of the attempt under way; "" for none, or while a function is asked for it. */
  get url(): string {
    return this.#connection?.url ?? (typeof this.#url === "function" ? "" : String(this.#url));
  }

  /** The subprotocol that the server chose for this connection, "" for none. */
  get protocol(): string {
    return this.#connection?.protocol ?? "";
  }

  /** The extensions of this connection, "" for none. */
  get extensions(): string {
    return this.#connection?.extensions ?? "";
  }

  /** Bytes that were sent and have not left, those that wait for a connection included. As in a page, the end does not bring it to 0. */
  get bufferedAmount(): number {
    return this.#outbox.bytes + (this.#connection?.bufferedAmount ?? 0);
  }

  /** What binary messages come as: `blob`, the default, or `arraybuffer`. Anything else is ignored, as in a page. */
  get binaryType(): "blob" | "arraybuffer" {
    return this.#binaryType;
  }
  set binaryType(type: "blob" | "arraybuffer") {
    if (type === "blob" || type === "arraybuffer") this.#binaryType = type;
  }

  /**
   * Sends a message, or has it wait for the next connection. It is handed to a connection once, and never again: what
   * was on its way when that connection was lost may be lost with it. After {@link close} it is left out, as in a page.
   * Throws a {@link ReliableWebSocketError} with `RWS_ERR_QUEUE_FULL` if too much waits, unless `overflow` says to drop.
   *
   * @example
   * prices.send(JSON.stringify({ watch: "EURUSD" }));
   */
  send(data: ReliableWebSocketData): void {
    this.#outbox.send(asMessage(data));
  }

  /**
   * Ends it for good; what waits is dropped. As in a page, the code is 1000 or from 3000 to 4999 (else it throws an
   * `InvalidAccessError`), and the reason is at most 123 bytes of UTF-8 (else a `SyntaxError`). The `close` event follows.
   *
   * @example
   * prices.close(1000, "The page was left.");
   */
  close(code?: number, reason?: string): void {
    checkClose(code, reason);
    if (this.#readyState >= CLOSING) return;
    this.#readyState = CLOSING;
    this.#retryTimer?.cancel();
    this.#outbox.close();
    this.#heartbeat?.stop();
    if (this.#connection?.close(code, reason) === true) return;
    this.#connection?.destroy();
    this.#connection = undefined;
    queueMicrotask(() => this.#finish(new ReliableCloseEvent({ code: 1006, reason: "", wasClean: false })));
  }

  /**
   * Makes a new connection now, instead of when the next attempt is due, or instead of the one that there is. Nothing
   * after {@link close}.
   *
   * @example
   * retryButton.onclick = () => prices.reconnect();
   */
  reconnect(): void {
    if (this.#readyState >= CLOSING) return;
    this.#backoff.reset();
    this.#heartbeat?.stop();
    this.#heartbeat = undefined;
    this.#connection?.destroy();
    this.#outbox.detach();
    this.#readyState = CONNECTING;
    this.#connect();
  }

  /** @internal */
  onConnected(): void {
    const { heartbeat } = this.#options;
    this.#readyState = OPEN;
    this.#openedAt = this.#platform.clock.now();
    this.#heartbeat = heartbeat && new Heartbeat(heartbeat, this.#platform, this);
    const event = new ReliableOpenEvent(this.#hasBeenOpen);
    this.#hasBeenOpen = true;
    this.#outbox.attach(this.#connection!, () => this.dispatchEvent(event));
  }

  /** @internal */
  receiveMessage(data: string | Uint8Array): void {
    if (this.#readyState !== OPEN || this.#isAnswer(data)) return;
    const { origin } = this.#connection!;
    this.dispatchEvent(new MessageEvent("message", { data: asReceived(data, this.#binaryType), origin }));
  }

  /** @internal */
  onEnd(end: ReliableCloseEvent): void {
    this.#connection = undefined;
    this.#outbox.detach();
    this.#heartbeat?.stop();
    this.#heartbeat = undefined;
    if (this.#readyState === CLOSING) return this.#finish(end);
    const { clock } = this.#platform;
    const lived = this.#readyState === OPEN ? clock.now() - this.#openedAt : 0;
    if (this.#readyState === OPEN && lived >= this.#options.stableAfter) this.#backoff.reset();
    this.#readyState = CONNECTING;
    if (end.error !== undefined) this.dispatchEvent(new ReliableErrorEvent(end.error));
    const comesBack = this.#comesBack(end);
    // A listener may have closed it, or connected again.
    if (!this.#isAway()) return;
    if (!comesBack) return this.#finish(end);
    const delayMs = this.#backoff.next();
    this.#retryTimer = clock.setTimeout(() => this.#connect(), delayMs);
    this.dispatchEvent(new ReconnectingEvent(this.#backoff.attempts, delayMs, end));
  }

  /** @internal */
  sendHeartbeat(): void {
    const { message } = this.#options.heartbeat!;
    const data = typeof message === "function" ? this.#call("heartbeat.message", message) : message;
    if (data !== undefined && this.#connection?.isOpen === true) this.#connection.send(data);
  }

  /** @internal */
  onSilent(count: number): void {
    const what = count === 1 ? "a heartbeat" : `${count} heartbeats in a row`;
    this.#giveUp("RWS_ERR_HEARTBEAT_TIMEOUT", `The server did not answer ${what}.`);
  }

  #connect(): void {
    this.#retryTimer?.cancel();
    this.#retryTimer = undefined;
    const plan = { ...this.#options, url: this.#url, protocols: this.#protocols };
    this.#connection = new ReliableConnection(this.#platform, plan, this);
  }

  /** Whether it waits for the next attempt. */
  #isAway(): boolean {
    return this.#readyState === CONNECTING && this.#connection === undefined;
  }

  #comesBack(end: ReliableCloseEvent): boolean {
    const { reconnection, reconnectionAttempts, shouldReconnect } = this.#options;
    if (!reconnection || this.#backoff.attempts >= reconnectionAttempts) return false;
    return this.#call("shouldReconnect", () => shouldReconnect(end)) ?? true;
  }

  #onWorldEvent(event: WorldEvent): void {
    if (event === "offline") this.#giveUp("RWS_ERR_OFFLINE", "There is no network.");
    // The page may be kept, and be shown again: its connections would not live.
    else if (event === "pagehide") this.#giveUp("RWS_ERR_PAGE_HIDDEN", "The page was left.");
    else if (this.#isAway() && event !== "visibilitychange") this.#connect();
    else this.#heartbeat?.check();
  }

  #giveUp(code: ReliableWebSocketErrorCode, message: string): void {
    if (this.#readyState < CLOSING) this.#connection?.fail(new ReliableWebSocketError(code, message));
  }

  #finish(end: ReliableCloseEvent): void {
    this.#readyState = CLOSED;
    this.#unwatch();
    this.#outbox.close();
    this.dispatchEvent(end);
  }

  /** Tells the heartbeat of a message; whether it is for nobody else. */
  #isAnswer(data: string | Uint8Array): boolean {
    if (this.#heartbeat === undefined) return false;
    const { isAnswer } = this.#options.heartbeat!;
    const isOurs = isAnswer !== undefined && this.#call("heartbeat.isAnswer", () => isAnswer(data)) === true;
    if (isOurs || isAnswer === undefined) this.#heartbeat.heard();
    return isOurs;
  }

  /** Calls a function of the user's; undefined if it throws, which is reported. */
  #call<Result>(name: string, callback: () => Result): Result | undefined {
    try {
      return callback();
    } catch (error) {
      this.#report("RWS_ERR_CALLBACK", `The option "${name}" threw`, error);
      return undefined;
    }
  }

  #report(code: ReliableWebSocketErrorCode, what: string, cause: unknown): void {
    const message = `${what}: ${cause instanceof Error ? cause.message : String(cause)}`;
    this.dispatchEvent(new ReliableErrorEvent(new ReliableWebSocketError(code, message, cause)));
  }
}
