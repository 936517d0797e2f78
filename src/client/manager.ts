import {
  type EncodedSocketPacket,
  type EnginePacketType,
  SOCKET_PACKET_TYPES,
  SocketPacketDecoder,
} from "../packets/index.ts";
import type { AnyListener } from "../shared/basic-emitter.ts";
import { callSafely } from "../shared/call-safely.ts";
import type { Clock, Timer } from "../shared/clock.ts";
import type { EventError } from "../shared/event-error.ts";
import type { DefaultEvents, EventMap } from "../shared/events.ts";
import { consoleLogger, type Logger } from "../shared/logger.ts";
import type { AckError } from "../shared/pending-acks.ts";
import { Backoff } from "./backoff.ts";
import type { StoreError } from "./delivery/store-error.ts";
import { Engine } from "./engine.ts";
import { ManagerSettings } from "./manager-settings.ts";
import type { ManagerOptions, SocketOptions } from "./options.ts";
import type { SessionPlatform, WorldEvent } from "./platform.ts";
import { originOf, serverUrl } from "./server-url.ts";
import type {
  CloseDetails,
  EngineCloseReason,
  OpenSession,
  Session,
  SessionHandler,
  SessionsTo,
} from "./session.ts";
import { Socket, type SocketUplink } from "./socket.ts";
import type { TransportKind, TransportError } from "./transport.ts";

/** A connection that lived so long and is unknown to the server afterwards was lost with the server's memory. */
const SETTLED_MS = 5000;
/** For how long at most we stay away because a server says so. */
const MAX_AWAY_MS = 60_000;

/** Is told what became of an attempt to connect: an error, or nothing if it succeeded. */
export type OpenCallback = (error?: Error) => void;

/**
 * One connection to a server, made again when it is lost, for the sockets of any number of namespaces.
 *
 * @example
 * const manager = new Manager("https://chat.example", { reconnectionDelayMax: 10_000 });
 * const main = manager.socket("/");
 * const admin = manager.socket("/admin", { auth: { token } });
 */
export class Manager extends ManagerSettings implements SocketUplink, SessionHandler {
  /** @internal */
  readonly clock: Clock;
  /** @internal */
  readonly server: string;
  /** What carries the connection. */
  readonly engine: Engine;
  readonly #openSession: OpenSession;
  readonly #platform: SessionPlatform;
  readonly #logger: Logger;
  readonly #backoff: Backoff;
  readonly #sockets = new Map<string, Socket>();
  #decoder = new SocketPacketDecoder();
  #session: Session | undefined;
  #isOpen = false;
  /** Whether there is to be a connection. */
  #isWanted = false;
  #openedAt = 0;
  /** The server has asked us to leave, for so long. */
  #awayMs: number | undefined;
  #retryTimer: Timer | undefined;
  #unwatch: (() => void) | undefined;
  #callbacks: OpenCallback[] = [];
  /** Whether this outage was logged to have made events fail. */
  #hasRefused = false;

  /** @internal `url` is the server's; its query is sent with the handshake, its path is not looked at. Throws a `TypeError` if it is none. */
  constructor(platform: SessionPlatform, sessionsTo: SessionsTo, url: string | URL, options: ManagerOptions) {
    const address = serverUrl(url, platform.pageUrl);
    const query = { ...Object.fromEntries(address.searchParams), ...options.query };
    super({ ...options, query: options.delivery ? { ...query, delivery: "1" } : query });
    const world = options.autoUnref === true ? (platform.detached ?? platform) : platform;
    this.server = originOf(address);
    this.#openSession = sessionsTo(world, this.server, options);
    this.#platform = world;
    this.#logger = options.logger ?? consoleLogger;
    this.clock = world.clock;
    this.engine = new Engine(this.#logger, () => this.#session?.close());
    this.#backoff = new Backoff(0, 0, world.random);
    if (options.autoConnect !== false) this.connect();
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** The bytes that wait to be sent. */
  get bufferedBytes(): number {
    return this.#session?.bufferedBytes ?? 0;
  }

  /** The socket for a namespace; the same for each call, and connected by it unless `autoConnect` says otherwise. */
  socket<ListenEvents extends EventMap = DefaultEvents, EmitEvents extends EventMap = DefaultEvents>(
    namespace: string,
    options: SocketOptions = {},
  ): Socket<ListenEvents, EmitEvents> {
    let socket = this.#sockets.get(namespace);
    if (socket === undefined) {
      socket = new Socket(namespace, options, this, this.#logger);
      this.#sockets.set(namespace, socket);
    }
    if ((options.autoConnect ?? this.opts.autoConnect) !== false && !socket.active) socket.connect();
    // The maps are the user's word: nothing at run time tells them apart.
    return socket as unknown as Socket<ListenEvents, EmitEvents>;
  }

  /** @internal Whether there is a socket for a namespace. */
  has(namespace: string): boolean {
    return this.#sockets.has(namespace);
  }

  /**
   * Connects, or goes on with an interrupted connection, at once if an attempt is waiting; else nothing. `callback` is told what becomes of
   * it; whoever gives one tries again himself if it fails.
   */
  connect(callback?: OpenCallback): this {
    if (this.#session === undefined) this.#begin();
    else this.#session.retry();
    if (callback !== undefined) {
      if (this.#isOpen) callback();
      else this.#callbacks.push(callback);
    }
    return this;
  }

  /** Same as {@link connect}. */
  open(callback?: OpenCallback): this {
    return this.connect(callback);
  }

  /** Ends the connection, for all its sockets, until somebody connects again. They get `disconnect` with `forced close`. */
  disconnect(): this {
    this.#isWanted = false;
    this.#cancelRetry();
    this.#backoff.reset();
    this.#session?.close();
    this.#stopWatching();
    return this;
  }

  /** Same as {@link disconnect}. */
  close(): this {
    return this.disconnect();
  }

  /** @internal Sends a socket's packet. */
  send({ text, attachments }: EncodedSocketPacket): void {
    for (const data of [text, ...attachments]) this.engine.tellPacket("packetCreate", "message", data);
    this.#session?.send(text, attachments);
  }

  /** @internal An event failed, and nobody else can be told. */
  onEmitError(error: AckError | EventError | StoreError, namespace: string): void {
    if (this.dispatch("emit_error", [error, namespace])) return;
    // A buffer that is full refuses many.
    if (error.code === "buffer_full" && this.#hasRefused) return;
    this.#hasRefused = error.code === "buffer_full";
    this.#logger.error({ err: error, namespace }, "An event failed.");
  }

  /** @internal A socket needs the connection no longer; without any, it is closed. */
  release(): void {
    for (const socket of this.#sockets.values()) if (socket.active) return;
    this.disconnect();
  }

  /** @internal */
  onOpen(kind: TransportKind): void {
    const attempt = this.#backoff.attempts;
    this.engine.update(this.#session!.id, kind);
    this.#isOpen = true;
    this.#hasRefused = false;
    this.#openedAt = this.clock.now();
    this.#backoff.reset();
    this.engine.tell("open");
    this.dispatch("open", []);
    this.#answer();
    for (const socket of this.#sockets.values()) socket.onManagerOpen();
    if (attempt > 0) this.dispatch("reconnect", [attempt]);
  }

  /** @internal */
  receivePacket(type: EnginePacketType, data: string | Uint8Array): void {
    this.engine.tellPacket("packet", type, data);
    if (type === "ping") this.dispatch("ping", []);
    // With a number it is no end, but asks for one: docs/protocol/drain.md.
    if (type === "close" && data !== "") {
      this.#awayMs = Number(data) || 0;
      this.#session?.close("transport close");
    }
    // Who was told may have ended the connection.
    if (type !== "message" || !this.#isOpen) return;
    const decoder = this.#decoder;
    const packet = typeof data === "string" ? decoder.addText(data) : decoder.addBinary(data);
    if (packet === undefined) return;
    const { namespace: nsp, id } = packet;
    if (this.hasListeners("packet")) {
      this.dispatch("packet", [
        { type: SOCKET_PACKET_TYPES.indexOf(packet.type), nsp, id, data: packet.data },
      ]);
    }
    this.#sockets.get(nsp)?.receivePacket(packet);
  }

  /** @internal */
  onTransport(kind: TransportKind): void {
    this.engine.update(this.#session!.id, kind);
  }

  /** @internal */
  onLinkEvent(name: "interrupted" | "resumed" | "reconnect_scheduled", ...args: readonly number[]): void {
    this.dispatch(name, args);
  }

  /** @internal */
  onClose(reason: EngineCloseReason, details: CloseDetails | undefined): void {
    const wasOpen = this.#isOpen;
    const error = details instanceof Error ? details : undefined;
    this.#isOpen = false;
    this.#session = undefined;
    if (wasOpen) {
      if (reason === "transport error") this.dispatch("error", [error]);
      const end = details === undefined ? [reason] : [reason, details];
      this.engine.tell("close", ...end);
      for (const socket of this.#sockets.values()) socket.onManagerClose(reason, details);
      this.dispatch("close", end);
    } else {
      const failure = error ?? new Error("Closed before it was open.");
      if (this.#isWanted) this.#reportFailure(failure);
      if (this.#answer(failure)) return;
    }
    const { isUnknownSession, retryAfterMs } = (error ?? {}) as Partial<TransportError>;
    // The server is there, and its clients have not come all at once to find out: there is nothing to wait for.
    const isForgotten = wasOpen && isUnknownSession === true;
    this.#scheduleRetry(isForgotten && this.clock.now() - this.#openedAt >= SETTLED_MS, retryAfterMs);
  }

  protected override listenerFailed(error: unknown, name: string): void {
    this.#logger.error({ err: error }, `A listener for "${name}" failed.`);
  }

  #begin(): void {
    this.#cancelRetry();
    this.#isWanted = true;
    if (this.#backoff.attempts > 0) this.dispatch("reconnect_attempt", [this.#backoff.attempts]);
    // Who was told may have given up, or connected already.
    if (!this.#isWanted || this.#session !== undefined) return;
    this.#decoder = new SocketPacketDecoder();
    const options = { ...this.opts, timeout: this.timeout() };
    this.#session = this.#openSession(options, this);
    this.#unwatch ??= this.#platform.watch(
      (event) => this.#onWorldEvent(event),
      options.closeOnBeforeunload === true,
    );
  }

  /** Tells those who wait for an attempt what became of it; false if there is nobody. */
  #answer(error?: Error): boolean {
    const callbacks = this.#callbacks;
    this.#callbacks = [];
    for (const callback of callbacks) {
      callSafely(callback as AnyListener, [error], (thrown) => this.listenerFailed(thrown, "connect"));
    }
    return callbacks.length > 0;
  }

  #onWorldEvent(event: WorldEvent): void {
    if (event === "offline") this.#session?.offline();
    // The page may be kept, and be shown again: its connections would not live.
    else if (event === "pagehide" || event === "beforeunload") this.#session?.close("transport close");
    else if (this.#retryTimer !== undefined && event !== "visibilitychange") this.#retry();
    else this.#session?.check(event === "visibilitychange" ? undefined : 0);
    if (event === "offline" || event === "online") this.dispatch(event, []);
  }

  #stopWatching(): void {
    this.#unwatch?.();
    this.#unwatch = undefined;
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

  #scheduleRetry(isAtOnce: boolean, refusedMs = 0): void {
    const awayMs = this.#awayMs;
    this.#awayMs = undefined;
    // A listener may have connected again already, or given up.
    if (!this.#isWanted || !this.reconnection() || this.#session !== undefined) return;
    if (this.#backoff.attempts >= this.reconnectionAttempts()) {
      this.#backoff.reset();
      this.#stopWatching();
      this.dispatch("reconnect_failed", []);
      return;
    }
    this.#backoff.baseMs = this.reconnectionDelay();
    this.#backoff.maxMs = this.reconnectionDelayMax();
    this.#backoff.jitter = this.randomizationFactor();
    const ownMs = this.#backoff.next();
    // Who is asked to leave is asked alone; those who are refused may be many.
    const delayMs = Math.min(awayMs ?? refusedMs, MAX_AWAY_MS) + (awayMs === undefined ? ownMs : 0);
    if (isAtOnce) return void this.#retry();
    this.#retryTimer = this.clock.setTimeout(() => this.#retry(), delayMs);
    this.dispatch("reconnect_scheduled", [this.#backoff.attempts, delayMs]);
  }
}
