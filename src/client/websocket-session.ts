import { enginePacketType, type Message, PacketError } from "../packets/index.ts";
import type { Timer } from "../shared/clock.ts";
import { isTooMuch, MAX_BUFFERED_BYTES } from "./backlog.ts";
import { Silence, SleepWatch } from "./liveness.ts";
import type { ManagerOptions } from "./options.ts";
import type { SessionPlatform, SessionWebSocket, WebSocketEnd, WebSocketSink } from "./platform.ts";
import { requestUrl } from "./server-url.ts";
import {
  closedByServer,
  type CloseDetails,
  type EngineCloseReason,
  MAX_TIMER_MS,
  readOpenPacket,
  type Session,
  type SessionHandler,
  type SessionsTo,
} from "./session.ts";

/** An Engine.IO v4 session over one WebSocket, with which it begins and ends: no other transport, no moves, no links. */
class WebSocketSession implements Session, WebSocketSink {
  readonly #handler: SessionHandler;
  readonly #platform: SessionPlatform;
  readonly #maxBufferedBytes: number;
  readonly #socket: SessionWebSocket;
  /** Since a ping came. */
  readonly #silence: Silence;
  readonly #sleepWatch: SleepWatch;
  #state: "opening" | "open" | "closed" = "opening";
  #id: string | undefined;
  #silenceLimitMs = 0;
  #timer: Timer | undefined;

  /** Connects; gives up if the handshake is not done in time. Throws what opening the WebSocket throws. */
  constructor(platform: SessionPlatform, origin: string, options: ManagerOptions, handler: SessionHandler) {
    const { transports, timeout: timeoutMs, extraHeaders = {} } = options;
    if (transports?.some((name) => name !== "websocket") === true) {
      throw new TypeError(`There is no transport but "websocket" here.`);
    }
    this.#handler = handler;
    this.#platform = platform;
    this.#maxBufferedBytes = options.maxBufferedBytes ?? MAX_BUFFERED_BYTES;
    this.#silence = new Silence(platform);
    // Socket.IO's acknowledgements may be errors: docs/design/sockets.md.
    const query = { EIO: "4", transport: "websocket", errors: "1", drain: "1" };
    this.#socket = platform.openWebSocket(requestUrl("ws", origin, options, query), extraHeaders, this);
    this.#sleepWatch = new SleepWatch(platform, () => this.check());
    if (typeof timeoutMs === "number") {
      this.#wait(timeoutMs, () =>
        this.#end("transport error", new Error(`No answer within ${timeoutMs} ms.`)),
      );
    }
  }

  get id(): string | undefined {
    return this.#id;
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  send(text: string, attachments: readonly Uint8Array[]): void {
    if (this.#state !== "open") return;
    const most = this.#maxBufferedBytes;
    if (isTooMuch(this.bufferedBytes, [text, ...attachments], most)) {
      // What was sent before still leaves, and the server is told.
      this.#socket.send("1");
      return this.#end("transport error", new Error(`More than ${most} bytes wait.`));
    }
    this.#socket.send(`4${text}`);
    for (const bytes of attachments) this.#socket.send(bytes);
  }

  close(reason: EngineCloseReason = "forced close"): void {
    if (this.#state === "open") this.#socket.send("1");
    this.#end(reason);
  }

  offline(): void {
    if (this.#state === "open") this.#end("transport close");
  }

  check(): void {
    if (this.#state !== "open") return;
    const restMs = this.#silenceLimitMs - this.#silence.ms;
    if (restMs > 0) return this.#wait(restMs, () => this.check());
    this.#end("ping timeout", new Error(`No ping within ${this.#silenceLimitMs} ms.`));
  }

  retry(): void {}

  onOpen(): void {}

  receiveText(packet: string): void {
    this.#receive(packet);
  }

  receiveBinary(data: Uint8Array): void {
    this.#receive(data);
  }

  onClose(error: Error | undefined, context: WebSocketEnd): void {
    if (error === undefined) this.#end("transport close", closedByServer(context));
    else this.#end("transport error", error);
  }

  get #isOpen(): boolean {
    return this.#state === "open";
  }

  #receive(packet: Message): void {
    const wasOpen = this.#isOpen;
    try {
      if (wasOpen) this.#receivePacket(packet);
      else if (this.#state === "opening") this.#open(packet);
    } catch (error) {
      if (!(error instanceof PacketError)) throw error;
      this.#end(wasOpen ? "parse error" : "transport error", error);
    }
  }

  #open(packet: Message): void {
    const { sid, pingInterval, pingTimeout } = readOpenPacket(packet);
    this.#state = "open";
    this.#id = sid;
    this.#silenceLimitMs = pingInterval + pingTimeout;
    this.#silence.end();
    this.check();
    this.#handler.onOpen("websocket");
  }

  #receivePacket(packet: Message): void {
    const isText = typeof packet === "string";
    const type = isText ? enginePacketType(packet) : "message";
    const data = isText ? packet.slice(1) : packet;
    this.#handler.receivePacket(type, data);
    // Who was told may have ended it.
    if (type === "message" || type === "noop" || !this.#isOpen) return;
    if (type === "close") return this.#end("transport close");
    if (type !== "ping") throw new PacketError("An unexpected packet.");
    this.#silence.end();
    // A server that asks and does not listen is not answered.
    const pong = `3${data as string}`;
    if (!isTooMuch(this.bufferedBytes, [pong], this.#maxBufferedBytes)) this.#socket.send(pong);
  }

  #wait(delayMs: number, then: () => void): void {
    this.#timer?.cancel();
    this.#timer = this.#platform.clock.setTimeout(then, Math.min(delayMs, MAX_TIMER_MS));
  }

  #end(reason: EngineCloseReason, details?: CloseDetails): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#timer?.cancel();
    this.#sleepWatch.stop();
    this.#socket.close();
    this.#handler.onClose(reason, details);
  }
}

/** WebSocket alone, to any server. */
export const webSocketSessions: SessionsTo = (platform, origin) => (options, handler) =>
  new WebSocketSession(platform, origin, options, handler);
