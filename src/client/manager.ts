import { type EncodedSocketPacket, SocketPacketDecoder } from "../packets/index.ts";
import type { Clock, Timer } from "../shared/clock.ts";
import { Emitter } from "../shared/emitter.ts";
import type { DefaultEvents, EventMap } from "../shared/events.ts";
import { consoleLogger, type Logger } from "../shared/logger.ts";
import { Backoff } from "./backoff.ts";
import { Endpoint, RequestError } from "./endpoint.ts";
import { Engine } from "./engine.ts";
import { type EngineCloseReason, EngineSession, type EngineSessionHandler } from "./engine-session.ts";
import type { ManagerEvents } from "./manager-events.ts";
import type { Auth, ManagerOptions } from "./options.ts";
import { TransportPlan } from "./plan.ts";
import type { Platform, WorldEvent } from "./platform.ts";
import { Preference } from "./preference.ts";
import { Socket, type SocketUplink } from "./socket.ts";
import type { TransportKind } from "./transport.ts";

/** A connection that lived so long and is unknown to the server afterwards was lost with the server's memory. */
const SETTLED_MS = 5000;

/** One connection to a server, made again when it is lost, for the sockets of any number of namespaces. */
export class Manager extends Emitter<ManagerEvents> implements SocketUplink, EngineSessionHandler {
  readonly clock: Clock;
  /** What carries the connection. */
  readonly engine: Engine;
  readonly #endpoint: Endpoint;
  readonly #preference: Preference;
  readonly #options: ManagerOptions;
  readonly #platform: Platform;
  readonly #logger: Logger;
  readonly #backoff: Backoff;
  readonly #sockets = new Map<string, Socket>();
  #decoder = new SocketPacketDecoder();
  #session: EngineSession | undefined;
  #isOpen = false;
  #openedAt = 0;
  #retryTimer: Timer | undefined;
  #unwatch: (() => void) | undefined;

  /** @internal Made by `io`. `url` is the server's origin. */
  constructor(url: string, options: ManagerOptions, platform: Platform) {
    super();
    this.#endpoint = new Endpoint(url, options, platform);
    this.#preference = new Preference(platform, url, options);
    this.#options = options;
    this.#platform = platform;
    this.#logger = options.logger ?? consoleLogger;
    this.clock = platform.clock;
    this.engine = new Engine(this.#logger);
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

  /** Connects, or goes on with an interrupted connection, at once if an attempt is waiting; else nothing. */
  connect(): this {
    if (this.#session !== undefined) {
      this.#session.retry();
      return this;
    }
    this.#cancelRetry();
    if (this.#backoff.attempts > 0) this.dispatch("reconnect_attempt", [this.#backoff.attempts]);
    this.#decoder = new SocketPacketDecoder();
    const plan = new TransportPlan(this.#options, this.#preference.transport);
    this.#session = new EngineSession(this.#endpoint, plan, this.#options, this);
    this.#unwatch ??= this.#platform.watch((event) => this.#onWorldEvent(event));
    return this;
  }

  /** @internal Sends a socket's packet. */
  send({ text, attachments }: EncodedSocketPacket): void {
    this.#session?.send(text, attachments);
  }

  /** @internal A socket needs the connection no longer; without any, it is closed. */
  release(): void {
    for (const socket of this.#sockets.values()) if (socket.active) return;
    this.#cancelRetry();
    this.#backoff.reset();
    this.#session?.close();
    this.#unwatch?.();
    this.#unwatch = undefined;
  }

  /** @internal */
  onOpen(kind: TransportKind, isSecondChoice: boolean): void {
    const attempt = this.#backoff.attempts;
    if (kind === "websocket" || isSecondChoice) this.#preference.remember(kind);
    this.engine.update(this.#session!.id, kind);
    this.#isOpen = true;
    this.#openedAt = this.clock.now();
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
  onTransport(kind: TransportKind): void {
    if (kind === "websocket") this.#preference.remember(kind);
    this.engine.update(this.#session!.id, kind);
  }

  /** @internal */
  onInterrupted(): void {
    this.dispatch("interrupted", []);
  }

  /** @internal */
  onPause(attempt: number, delayMs: number): void {
    this.dispatch("reconnect_scheduled", [attempt, delayMs]);
  }

  /** @internal */
  onResumed(): void {
    this.dispatch("resumed", []);
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
    if (reason === "forced close") return;
    // The server is there, and its clients have not come all at once to find out: there is nothing to wait for.
    const isForgotten = wasOpen && error instanceof RequestError && error.isUnknownSession;
    this.#scheduleRetry(isForgotten && this.clock.now() - this.#openedAt >= SETTLED_MS);
  }

  protected override listenerFailed(error: unknown, name: string): void {
    this.#logger.error({ err: error }, `A listener for the manager's "${name}" failed.`);
  }

  #onWorldEvent(event: WorldEvent): void {
    if (event === "offline") this.#session?.offline();
    // The page may be kept, and be shown again: its connections would not live.
    else if (event === "hide") this.#session?.close("transport close");
    else if (this.#retryTimer !== undefined && event !== "visible") this.#retry();
    else this.#session?.check(event === "visible" ? undefined : 0);
    if (event === "offline" || event === "online") this.dispatch(event, []);
  }

  #cancelRetry(): void {
    this.#retryTimer?.cancel();
    this.#retryTimer = undefined;
  }

  /** Connects again; there is nobody to throw to. */
  #retry(): void {
    try {
      this.connect();
    } catch (error) {
      this.#reportFailure(error as Error);
      this.#scheduleRetry(false);
    }
  }

  #reportFailure(error: Error): void {
    this.dispatch("error", [error]);
    if (this.#backoff.attempts > 0) this.dispatch("reconnect_error", [error]);
    for (const socket of this.#sockets.values()) socket.onManagerError(error);
  }

  #scheduleRetry(isAtOnce: boolean): void {
    // A listener may have connected again already, or given up.
    if (this.#options.reconnection === false || this.#session !== undefined) return;
    if (![...this.#sockets.values()].some((socket) => socket.active)) return;
    if (this.#backoff.attempts >= (this.#options.reconnectionAttempts ?? Number.POSITIVE_INFINITY)) {
      this.#backoff.reset();
      this.#unwatch?.();
      this.#unwatch = undefined;
      this.dispatch("reconnect_failed", []);
      return;
    }
    const delayMs = this.#backoff.next();
    if (isAtOnce) return void this.#retry();
    this.#retryTimer = this.clock.setTimeout(() => this.#retry(), delayMs);
    this.dispatch("reconnect_scheduled", [this.#backoff.attempts, delayMs]);
  }
}
