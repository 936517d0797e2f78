import { type EncodedSocketPacket, SocketPacketDecoder } from "../packets/index.ts";
import type { Clock, Timer } from "../shared/clock.ts";
import { Emitter } from "../shared/emitter.ts";
import type { DefaultEvents, EventMap } from "../shared/events.ts";
import { consoleLogger, type Logger } from "../shared/logger.ts";
import { Backoff } from "./backoff.ts";
import { type EngineCloseReason, EngineSession, type EngineSessionHandler } from "./engine-session.ts";
import type { ManagerEvents } from "./manager-events.ts";
import type { Auth, ManagerOptions } from "./options.ts";
import type { Platform } from "./platform.ts";
import { Socket, type SocketUplink } from "./socket.ts";
import { WebSocketTransport } from "./transports/websocket.ts";

/** One connection to a server, made again when it is lost, for the sockets of any number of namespaces. */
export class Manager extends Emitter<ManagerEvents> implements SocketUplink, EngineSessionHandler {
  readonly clock: Clock;
  readonly #url: string;
  readonly #options: ManagerOptions;
  readonly #platform: Platform;
  readonly #logger: Logger;
  readonly #backoff: Backoff;
  readonly #sockets = new Map<string, Socket>();
  #decoder = new SocketPacketDecoder();
  #session: EngineSession | undefined;
  #isOpen = false;
  #retryTimer: Timer | undefined;

  /** @internal Made by `io`. `url` is the server's origin. */
  constructor(url: string, options: ManagerOptions, platform: Platform) {
    super();
    this.#url = handshakeUrl(url, options);
    this.#options = options;
    this.#platform = platform;
    this.#logger = options.logger ?? consoleLogger;
    this.clock = platform.clock;
    this.#backoff = new Backoff(
      options.reconnectionDelay ?? 1000,
      options.reconnectionDelayMax ?? 5000,
      platform.random,
    );
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** The bytes that wait to be sent. */
  get bufferedBytes(): number {
    return this.#session?.bufferedBytes ?? 0;
  }

  /** The socket for a namespace; the same for each call. */
  socket<ListenEvents extends EventMap = DefaultEvents, EmitEvents extends EventMap = DefaultEvents>(
    namespace: string,
    auth?: Auth,
  ): Socket<ListenEvents, EmitEvents> {
    let socket = this.#sockets.get(namespace);
    if (socket === undefined) {
      socket = new Socket(namespace, auth, this, this.#logger);
      this.#sockets.set(namespace, socket);
    }
    // The maps are the user's word: nothing at run time tells them apart.
    return socket as unknown as Socket<ListenEvents, EmitEvents>;
  }

  /** Connects, at once if a retry is waiting; nothing if it is connected or connecting. */
  connect(): this {
    if (this.#session !== undefined) return this;
    this.#retryTimer?.cancel();
    this.#retryTimer = undefined;
    if (this.#backoff.attempts > 0) this.dispatch("reconnect_attempt", [this.#backoff.attempts]);
    this.#decoder = new SocketPacketDecoder();
    this.#session = new EngineSession(
      (sink) => new WebSocketTransport(this.#platform, this.#url, this.#options.extraHeaders ?? {}, sink),
      this,
      this.clock,
      this.#options.timeout ?? 20_000,
    );
    return this;
  }

  /** @internal Sends a socket's packet. */
  send({ text, attachments }: EncodedSocketPacket): void {
    this.#session?.send(text, attachments);
  }

  /** @internal A socket needs the connection no longer; without any, it is closed. */
  release(): void {
    for (const socket of this.#sockets.values()) if (socket.active) return;
    this.#retryTimer?.cancel();
    this.#retryTimer = undefined;
    this.#backoff.reset();
    this.#session?.close();
  }

  /** @internal */
  onOpen(): void {
    const attempt = this.#backoff.attempts;
    this.#isOpen = true;
    this.#backoff.reset();
    this.dispatch("open", []);
    for (const socket of this.#sockets.values()) socket.onManagerOpen();
    if (attempt > 0) this.dispatch("reconnect", [attempt]);
  }

  /** @internal */
  receiveText(text: string): void {
    const packet = this.#decoder.addText(text);
    if (packet !== undefined) this.#sockets.get(packet.namespace)?.receivePacket(packet);
  }

  /** @internal */
  receiveBinary(data: Uint8Array): void {
    const packet = this.#decoder.addBinary(data);
    if (packet !== undefined) this.#sockets.get(packet.namespace)?.receivePacket(packet);
  }

  /** @internal */
  onClose(reason: EngineCloseReason, error: Error | undefined): void {
    const wasOpen = this.#isOpen;
    this.#isOpen = false;
    this.#session = undefined;
    if (wasOpen) {
      for (const socket of this.#sockets.values()) socket.onManagerClose(reason, error);
      this.dispatch("close", [reason]);
    } else if (reason !== "forced close") {
      this.#reportFailure(error ?? new Error("The connection was closed before it was open."));
    }
    if (reason !== "forced close") this.#scheduleRetry();
  }

  protected override listenerFailed(error: unknown, name: string): void {
    this.#logger.error({ err: error }, `A listener for the manager's "${name}" failed.`);
  }

  #reportFailure(error: Error): void {
    this.dispatch("error", [error]);
    if (this.#backoff.attempts > 0) this.dispatch("reconnect_error", [error]);
    for (const socket of this.#sockets.values()) socket.onManagerError(error);
  }

  #scheduleRetry(): void {
    // A listener may have connected again already, or given up.
    if (this.#options.reconnection === false || this.#session !== undefined) return;
    if (![...this.#sockets.values()].some((socket) => socket.active)) return;
    if (this.#backoff.attempts >= (this.#options.reconnectionAttempts ?? Number.POSITIVE_INFINITY)) {
      this.#backoff.reset();
      this.dispatch("reconnect_failed", []);
      return;
    }
    const delayMs = this.#backoff.next();
    this.#retryTimer = this.clock.setTimeout(() => this.connect(), delayMs);
    this.dispatch("reconnect_scheduled", [this.#backoff.attempts, delayMs]);
  }
}

function handshakeUrl(origin: string, options: ManagerOptions): string {
  const url = new URL(options.path ?? "/socket.io/", origin);
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  url.protocol = url.protocol === "https:" || url.protocol === "wss:" ? "wss:" : "ws:";
  for (const [name, value] of Object.entries(options.query ?? {})) url.searchParams.set(name, value);
  url.searchParams.set("EIO", "4");
  url.searchParams.set("transport", "websocket");
  return url.href;
}
