import type { Timer } from "../../shared/clock.ts";
import type { Platform, PlatformWebSocket, WebSocketEnd, WebSocketSink } from "../platform.ts";
import { ReliableWebSocketError } from "./errors.ts";
import { ReliableCloseEvent } from "./events.ts";
import type { ReliableWebSocketUrl } from "./options.ts";
import { webSocketUrl } from "./rules.ts";

/** No close handshake took place (RFC 6455 §7.1.5). */
const ABNORMAL: WebSocketEnd = { code: 1006, reason: "", wasClean: false };

/** What a connection is made with. */
export interface ConnectionPlan {
  readonly url: ReliableWebSocketUrl;
  readonly protocols: readonly string[];
  readonly extraHeaders: Readonly<Record<string, string>>;
  readonly connectTimeout: number;
}

/** Who is told what becomes of a connection. */
export interface ConnectionHost {
  onConnected(): void;
  receiveMessage(data: string | Uint8Array): void;
  /** Said once, last, and never while the connection is being made. */
  onEnd(end: ReliableCloseEvent): void;
}

/** One connection, from asking for the address to its end. */
export class ReliableConnection implements WebSocketSink {
  readonly #platform: Platform;
  readonly #plan: ConnectionPlan;
  readonly #timer: Timer;
  #host: ConnectionHost | undefined;
  #socket: PlatformWebSocket | undefined;
  #url = "";
  #origin = "";
  #hasOpened = false;

  /** Begins. */
  constructor(platform: Platform, plan: ConnectionPlan, host: ConnectionHost) {
    this.#platform = platform;
    this.#plan = plan;
    this.#host = host;
    const { connectTimeout, url } = plan;
    this.#timer = platform.clock.setTimeout(() => {
      const message = `There was no connection within ${connectTimeout} ms.`;
      this.fail(new ReliableWebSocketError("RWS_ERR_CONNECT_TIMEOUT", message));
    }, connectTimeout);
    if (typeof url === "function") void this.#ask(url);
    else this.#open(url);
  }

  /** Where to; "" as long as that is not known. */
  get url(): string {
    return this.#url;
  }

  /** The origin that its messages have. */
  get origin(): string {
    return this.#origin;
  }

  get protocol(): string {
    return this.#socket?.protocol ?? "";
  }

  get extensions(): string {
    return this.#socket?.extensions ?? "";
  }

  get bufferedAmount(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  /** Whether what is sent now leaves. */
  get isOpen(): boolean {
    return this.#socket?.isOpen ?? false;
  }

  send(data: string | Uint8Array): void {
    this.#socket!.send(data);
  }

  /** The close handshake, or its own half of it. False if there is nobody to shake hands with yet: then nothing happens. */
  close(code?: number, reason?: string): boolean {
    if (this.#hasOpened) this.#socket!.close(code, reason);
    return this.#hasOpened;
  }

  /** The end, now. Nothing is reported any more. */
  destroy(): void {
    this.#host = undefined;
    this.#timer.cancel();
    this.#socket?.destroy();
  }

  /** The end, now, because of something. */
  fail(error: Error): void {
    const host = this.#host;
    this.destroy();
    host?.onEnd(new ReliableCloseEvent(ABNORMAL, error));
  }

  onOpen(): void {
    this.#timer.cancel();
    this.#hasOpened = true;
    this.#host?.onConnected();
  }

  receiveText(text: string): void {
    this.#host?.receiveMessage(text);
  }

  receiveBinary(data: Uint8Array): void {
    this.#host?.receiveMessage(data);
  }

  onClose(error: Error | undefined, { code, reason, wasClean }: WebSocketEnd): void {
    const host = this.#host;
    this.#host = undefined;
    this.#timer.cancel();
    host?.onEnd(new ReliableCloseEvent({ code, reason, wasClean }, error));
  }

  async #ask(url: Exclude<ReliableWebSocketUrl, string | URL>): Promise<void> {
    try {
      // Not in this turn: whoever makes a connection has not begun to listen.
      const address = await Promise.resolve().then(url);
      if (this.#host !== undefined) this.#open(address);
    } catch (error) {
      this.#failAddress(error);
    }
  }

  #open(address: string | URL): void {
    const { protocols, extraHeaders } = this.#plan;
    try {
      this.#url = webSocketUrl(address, this.#platform.pageUrl);
      this.#origin = new URL(this.#url).origin;
      const wishes = { protocols, compression: true };
      this.#socket = this.#platform.openWebSocket(this.#url, extraHeaders, this, wishes);
    } catch (error) {
      // As above.
      queueMicrotask(() => this.#failAddress(error));
    }
  }

  #failAddress(cause: unknown): void {
    const message = `The address can't be connected to: ${cause instanceof Error ? cause.message : String(cause)}`;
    this.fail(new ReliableWebSocketError("RWS_ERR_ADDRESS", message, cause));
  }
}
