import {
  type AnyHttpServer,
  ClientFiles,
  cors as makeCors,
  createHttpServer,
  type DrainOptions,
  type HttpServer,
  pathPrefix,
  refuseLate,
  Server as EngineServer,
  startListening,
  stopListening,
} from "../engine/index.ts";
import { Deadlines } from "../shared/deadlines.ts";
import type { Emitter } from "../shared/emitter.ts";
import type { AckedArguments, AckResult, DefaultEvents, EventMap, EventNames } from "../shared/events.ts";
import { systemRandom } from "../shared/random.ts";
import type { BroadcastArguments, NoEvents } from "./broadcast-events.ts";
import type { BackpressureOptions } from "./backpressure/rules.ts";
import type { LogPosition } from "./delivery/room-history.ts";
import { EVERYONE } from "./broadcast-channel.ts";
import { BroadcastOperator } from "./broadcast-operator.ts";
import { Broadcasting } from "./broadcasting.ts";
import type { HandlerErrorContext } from "./handler-error.ts";
import { HandlerErrorLog } from "./handler-error-log.ts";
import { Multiplexer, type MultiplexerOptions } from "./multiplexer.ts";
import type { Namespace, NamespaceEvents } from "./namespace.ts";
import type { JoinRule } from "./join-rules.ts";
import type { NamespaceMiddleware } from "./namespace-rules.ts";
import { Namespaces } from "./namespaces.ts";
import {
  areOfPlace,
  type LateOptions,
  lateSettings,
  type ServerOptions,
  type ServerSettings,
  withDefaults,
} from "./options.ts";
import type { NamespaceMatcher, ParentNamespace } from "./parent-namespace.ts";
import { isOptions, placeOf } from "./place.ts";
import { RateLimits } from "./rate-limits/rate-limits.ts";
import type { RoomMatch } from "./room-match.ts";
import type { Socket } from "./socket.ts";
import type { NamespaceReservedEvents } from "./socket-namespace.ts";
import { turnRules } from "./turns/options.ts";
import type { EventSchemas } from "./validation.ts";

/** The events of a {@link Server}; those of the main namespace are among them. */
export type ServerEvents<
  ListenEvents extends EventMap,
  EmitEvents extends EventMap,
  ServerSideEvents extends EventMap,
  SocketData,
> = NamespaceEvents<ListenEvents, EmitEvents, ServerSideEvents, SocketData> & {
  /** A namespace was made: by `of`, or for a client. */
  new_namespace: (namespace: Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>) => void;
  /**
   * A listener, middleware or callback of the application threw or rejected, or an adapter failed. The server goes on; without a listener
   * here it is logged as an error, at most 100 of them a minute one by one.
   */
  handler_error: (error: unknown, context: HandlerErrorContext) => void;
};

/** An HTTP server that is served. */
interface Attached {
  readonly http: AnyHttpServer;
  /** Made for a port: it ends with us. */
  readonly owned: boolean;
  readonly path: string;
  readonly detachFiles: (() => void) | undefined;
}

/**
 * The server.
 *
 * @example
 * const io = new Server(3000);
 * io.on("connection", (socket) => {
 *   socket.on("say", (text) => io.emit("said", text));
 * });
 */
export class Server<
  ListenEvents extends EventMap = DefaultEvents,
  EmitEvents extends EventMap = ListenEvents,
  ServerSideEvents extends EventMap = NoEvents,
  // `any`: what users keep on a socket is theirs.
  // oxlint-disable-next-line typescript/no-explicit-any
  SocketData = any,
> extends Broadcasting<
  ServerEvents<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
  EmitEvents,
  SocketData
> {
  /** The main namespace. */
  readonly sockets: Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>;
  protected readonly everyone: BroadcastOperator<EmitEvents, SocketData>;
  readonly #options: ServerOptions<ListenEvents>;
  #settings: ServerSettings;
  #engine: EngineServer;
  /** Somebody has seen the engine, or it is attached: it can't be replaced any more. */
  #isEngineInUse = false;
  readonly #multiplexing: MultiplexerOptions;
  readonly #namespaces: Namespaces<ListenEvents, EmitEvents, ServerSideEvents, SocketData>;
  readonly #attached: Attached[] = [];
  readonly #errorLog: HandlerErrorLog;

  /**
   * @param where A port to listen on, an HTTP server to share, or nothing (then {@link attach} comes later).
   * Throws a `RangeError` for an option that can't be, a `TypeError` for one that is not supported and for a place that is none.
   */
  constructor(
    where?: number | AnyHttpServer | ServerOptions<NoInfer<ListenEvents>>,
    options?: ServerOptions<NoInfer<ListenEvents>>,
  ) {
    super();
    const isFirst = isOptions(where);
    this.#options = (isFirst ? where : options) ?? {};
    this.#settings = withDefaults(this.#options);
    const { adapter, delivery, clock, connectTimeoutMs, limits, cleanupEmptyChildNamespaces } =
      this.#settings;
    const { rateLimits, turns } = this.#settings;
    this.#errorLog = new HandlerErrorLog(() => this.#settings.logger, clock);
    this.#namespaces = new Namespaces({
      adapter,
      delivery,
      clock,
      random: systemRandom,
      maxRoomsPerSocket: limits.maxRoomsPerSocket,
      maxDynamicNamespaces: limits.maxDynamicNamespaces,
      cleanupEmptyChildNamespaces,
      onHandlerError: (error, context) => this.#reportHandlerError(error, context),
      onMainEvent: (name, args) => void this.dispatch(name, args),
      onNamespace: (namespace) => void this.dispatch("new_namespace", [namespace]),
    });
    this.sockets = this.of("/");
    this.everyone = new BroadcastOperator(this.sockets.channel, EVERYONE);
    this.#multiplexing = {
      deadlines: new Deadlines(clock, connectTimeoutMs),
      clock,
      limits,
      rateLimits: rateLimits && new RateLimits(rateLimits, clock, limits.maxNamespaces),
      turns: turns && turnRules(turns, clock),
      isStockRecovery: this.#settings.isStockRecovery,
      findNamespace: this.#namespaces.find.bind(this.#namespaces),
      onListenerError: (error: unknown, event: string) =>
        this.#reportHandlerError(error, { event, namespace: "/", socketId: undefined }),
    };
    this.#engine = this.#makeEngine();
    if (!isFirst && where !== undefined && where !== null) this.attach(where);
  }

  /**
   * The sessions below: who came with which transport, middleware for their requests, why requests were refused.
   *
   * @example
   * io.engine.on("connection_error", ({ code, message }) => console.warn(code, message));
   */
  get engine(): EngineServer {
    this.#isEngineInUse = true;
    return this.#engine;
  }

  /** The HTTP server that is served: the one that was given, or the one made for a port. */
  get httpServer(): HttpServer | undefined {
    // Mostly it is one; the others have the same methods, but their types don't go together.
    return this.#attached[0]?.http as HttpServer | undefined;
  }

  /** Where sessions are served: the option `path`. */
  path(): string {
    return this.#attached[0]?.path ?? this.#settings.path;
  }

  /**
   * Serves a port of its own, or an HTTP server that is there already; other requests to it are left alone. `options` are those of the engine; what
   * was said in the constructor goes before them. But for `path` and the like, they can only be given before the engine is attached or used
   * (`TypeError`).
   *
   * @example
   * const io = new Server();
   * io.attach(httpServer, { path: "/live/", pingInterval: 10_000 });
   */
  attach(where: number | AnyHttpServer, options: LateOptions = {}): this {
    const place = placeOf(where);
    const { path, engine, serveClient } = this.#settle(options);
    const { addTrailingSlash = true, destroyUpgrade = true } = engine;
    this.#isEngineInUse = true;
    const owned = typeof place === "number";
    const http = owned ? createHttpServer(engine) : place;
    // Before the engine, for which everything below the path is its own.
    const detachFiles = serveClient ? filesFor(path, engine.cors).attach(http) : undefined;
    this.#attached.push({ http, owned, path, detachFiles });
    this.#engine.attach(http, { path, addTrailingSlash, destroyUpgrade });
    if (owned) startListening(http, place);
    return this;
  }

  /** Same as {@link attach}. */
  listen(where: number | AnyHttpServer, options?: LateOptions): this {
    return this.attach(where, options);
  }

  /**
   * A namespace, made if it is not there yet; or, by a pattern or function, what all namespaces begin with that are made when clients ask for
   * them. Those are forgotten when their last client has left. Throws a `TypeError` if a name holds a comma, which no client could send.
   *
   * @example
   * io.of("/admin").on("connection", (socket) => socket.join("admins"));
   * io.of("/news", (socket) => socket.emit("welcome")); // the same, said shorter
   * io.of(/^\/project-\d+$/).use((socket, next) => next());
   * io.of((name, auth, next) => next(null, mayOpen(name, auth.token)));
   */
  of(
    name: string,
    onConnection?: (socket: Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>) => void,
  ): Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>;
  of(
    pattern: RegExp | NamespaceMatcher,
    onConnection?: (socket: Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>) => void,
  ): ParentNamespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>;
  of(
    what: string | RegExp | NamespaceMatcher,
    onConnection?: (socket: Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>) => void,
  ):
    | Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>
    | ParentNamespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData> {
    const found = typeof what === "string" ? this.#namespaces.of(what) : this.#namespaces.parent(what);
    if (onConnection !== undefined) {
      // One of the two events that are always told together.
      (
        found as Emitter<
          NamespaceReservedEvents<Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>>
        >
      ).on("connect", onConnection);
    }
    return found;
  }

  /** Adds a middleware to the main namespace: see {@link Namespace.use}. */
  use(middleware: NamespaceMiddleware<Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>>): this {
    this.sockets.use(middleware);
    return this;
  }

  /** Has the arguments of clients' events in the main namespace checked: see {@link Namespace.validate}. */
  validate(schemas: EventSchemas<ListenEvents>): this {
    this.sockets.validate(schemas);
    return this;
  }

  /** Says who may join which rooms of the main namespace: see {@link Namespace.joinRule}. */
  joinRule(
    match: RoomMatch,
    allow: JoinRule<Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>>,
  ): this {
    this.sockets.joinRule(match, allow);
    return this;
  }

  /** Where the log of the main namespace is: see {@link Namespace.position}. */
  position(): Promise<LogPosition> {
    return this.sockets.position();
  }

  /** Says what becomes of events of the main namespace for clients that are slow: see {@link Namespace.backpressure}. */
  backpressure(options: BackpressureOptions<EmitEvents>): this {
    this.sockets.backpressure(options);
    return this;
  }

  /** Sends an event to the listeners of the other nodes: see {@link Namespace.serverSideEmit}. */
  serverSideEmit<Name extends EventNames<ServerSideEvents>>(
    name: Name,
    ...args: BroadcastArguments<ServerSideEvents, Name>
  ): boolean {
    return this.sockets.serverSideEmit(name, ...args);
  }

  /** Asks the other nodes, and waits for their answers: see {@link Namespace.serverSideEmitWithAck}. */
  serverSideEmitWithAck<Name extends EventNames<ServerSideEvents>>(
    name: Name,
    ...args: AckedArguments<ServerSideEvents, Name>
  ): Promise<AckResult<ServerSideEvents, Name>[]> {
    return this.sockets.serverSideEmitWithAck(name, ...args);
  }

  /**
   * Ends every session (clients are told that the server goes away, 1001), stops listening, and resolves when all is
   * quiet; `callback` is called then. Clients that do not leave within `shutdownTimeout` are cut off, and so are connections on which no request has come; requests of
   * others to a shared HTTP server are waited for.
   */
  async close(callback?: () => void): Promise<void> {
    const attached = this.#attached.splice(0);
    const stopped = attached.map(({ http }) => stopListening(http));
    await this.engine.close();
    for (const { http, owned, detachFiles } of attached) {
      detachFiles?.();
      if (owned && "closeAllConnections" in http) http.closeAllConnections();
    }
    const undoings = attached.map(({ http }) => refuseLate(http));
    await Promise.all(stopped);
    for (const undo of undoings) undo();
    await this.#namespaces.close();
    this.#errorLog.close();
    callback?.();
  }

  /**
   * Empties the server before it goes, for a deploy: new sessions are refused (503, `Retry-After`); those that there are end one after the other, in random
   * order, each when its client has taken what it was sent; then it closes, like {@link close}. Sockets get `disconnect` with `server shutting down`; with delivery
   * they keep their seats. Our client is told to leave, and when to come back; stock clients are closed, and come back by themselves. Resolves when all is quiet.
   * Called again, it is the same drain. Rejects with a `RangeError` for an option that can't be.
   *
   * @example
   * process.once("SIGTERM", () => void io.drain({ overMs: 20_000 }).then(() => process.exit()));
   */
  async drain(options?: DrainOptions): Promise<void> {
    await this.engine.empty(options);
    await this.close();
  }

  protected override listenerFailed(error: unknown, name: string): void {
    if (name === "handler_error") this.#errorLog.add({ err: error }, "A handler_error listener failed.");
    else this.#reportHandlerError(error, { event: name, namespace: "/", socketId: undefined });
  }

  #makeEngine(): EngineServer {
    const { engine, limits } = this.#settings;
    const multiplexing = { ...this.#multiplexing, limits };
    return new EngineServer(engine, (session) => new Multiplexer(session, multiplexing));
  }

  /** The settings with options that come when it is attached; the engine is made anew of them, as long as nobody can have seen it. */
  #settle(options: LateOptions): ServerSettings {
    const settings = lateSettings(this.#options, options);
    if (settings === undefined) return this.#settings;
    if (!this.#isEngineInUse) {
      this.#settings = settings;
      this.#engine = this.#makeEngine();
    } else if (!areOfPlace(options)) {
      throw new TypeError(
        "The engine is attached, or used, already: give its options to new Server(options), or to the first attach().",
      );
    }
    return settings;
  }

  #reportHandlerError(error: unknown, context: HandlerErrorContext): void {
    if (this.dispatch("handler_error", [error, context])) return;
    this.#errorLog.add({ err: error, ...context }, `A listener for "${context.event}" failed.`);
  }
}

function filesFor(path: string, cors: ServerOptions["cors"] = false): ClientFiles {
  return new ClientFiles(pathPrefix(path, true), cors === false ? undefined : makeCors(cors));
}
