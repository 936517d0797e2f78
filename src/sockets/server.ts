import {
  type AnyHttpServer,
  createHttpServer,
  type HttpServer,
  Server as EngineServer,
  stopListening,
} from "../engine/index.ts";
import { Emitter } from "../shared/emitter.ts";
import type { DefaultEvents, EventArguments, EventMap, EventNames } from "../shared/events.ts";
import { systemRandom } from "../shared/random.ts";
import type { Room } from "./adapter.ts";
import type { BroadcastOperator } from "./broadcast-operator.ts";
import { Multiplexer, type SocketHost } from "./multiplexer.ts";
import { type HandlerErrorContext, Namespace, type NamespaceEvents } from "./namespace.ts";
import { type ServerOptions, type ServerSettings, withDefaults } from "./options.ts";

/** The events of a {@link Server}; those of the main namespace are among them. */
export type ServerEvents<
  ListenEvents extends EventMap,
  EmitEvents extends EventMap,
  SocketData,
> = NamespaceEvents<ListenEvents, EmitEvents, SocketData> & {
  /**
   * A listener of the application threw or rejected, or an adapter failed. The server goes on; without a listener here
   * it is logged as an error.
   */
  handler_error: (error: unknown, context: HandlerErrorContext) => void;
};

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
  EmitEvents extends EventMap = DefaultEvents,
  // `any`: what users keep on a socket is theirs.
  // oxlint-disable-next-line typescript/no-explicit-any
  SocketData = any,
> extends Emitter<ServerEvents<ListenEvents, EmitEvents, SocketData>> {
  /** The main namespace. */
  readonly sockets: Namespace<ListenEvents, EmitEvents, SocketData>;
  /**
   * The sessions below: who came with which transport, middleware for their requests, why requests were refused.
   *
   * @example
   * io.engine.on("connection_error", ({ code, message }) => console.warn(code, message));
   */
  readonly engine: EngineServer;
  readonly #settings: ServerSettings;
  /** Only the application adds to it. */
  readonly #namespaces = new Map<string, Namespace<ListenEvents, EmitEvents, SocketData>>();
  readonly #attached: { http: AnyHttpServer; owned: boolean }[] = [];

  /**
   * @param where A port to listen on, an HTTP server to share, or nothing (then {@link attach} comes later).
   * Throws a `RangeError` for an option that can't be.
   */
  constructor(where?: number | AnyHttpServer | ServerOptions, options?: ServerOptions) {
    super();
    const isPlace = typeof where === "number" || isHttpServer(where);
    this.#settings = withDefaults((isPlace ? options : where) ?? {});
    const { engine, clock, connectTimeoutMs } = this.#settings;
    this.sockets = this.of("/");
    for (const event of ["connect", "connection"] as const) {
      this.sockets.on(event, (socket) => void this.dispatch(event, [socket]));
    }
    const multiplexing = {
      clock,
      connectTimeoutMs,
      findNamespace: (name: string): SocketHost | undefined => this.#namespaces.get(name),
    };
    this.engine = new EngineServer(engine, (session) => new Multiplexer(session, multiplexing));
    if (isPlace) this.attach(where);
  }

  /** The HTTP server that is served: the one that was given, or the one made for a port. */
  get httpServer(): HttpServer | undefined {
    // Mostly it is one; the others have the same methods, but their types don't go together.
    return this.#attached[0]?.http as HttpServer | undefined;
  }

  /** Serves a port of its own, or an HTTP server that is there already; other requests to it are left alone. */
  attach(where: number | AnyHttpServer): this {
    const owned = typeof where === "number";
    const http = owned ? createHttpServer(this.#settings.engine) : where;
    this.#attached.push({ http, owned });
    this.engine.attach(http);
    if (owned) http.listen(where);
    return this;
  }

  /** Same as {@link attach}. */
  listen(where: number | AnyHttpServer): this {
    return this.attach(where);
  }

  /**
   * A namespace, made if it is not there yet. Throws a `TypeError` if the name holds a comma, which no client could send.
   */
  of(name: string): Namespace<ListenEvents, EmitEvents, SocketData> {
    const path = name.startsWith("/") ? name : `/${name}`;
    let namespace = this.#namespaces.get(path);
    if (namespace === undefined) {
      if (path.includes(",")) throw new TypeError(`The namespace "${path}" must not contain a comma.`);
      namespace = new Namespace(path, {
        adapter: this.#settings.adapter(path),
        clock: this.#settings.clock,
        random: systemRandom,
        onHandlerError: (error, context) => this.#reportHandlerError(error, context),
      });
      this.#namespaces.set(path, namespace);
    }
    return namespace;
  }

  /** Sends an event to everyone in the main namespace. */
  emit<Name extends EventNames<EmitEvents>>(name: Name, ...args: EventArguments<EmitEvents, Name>): boolean {
    return this.sockets.emit(name, ...args);
  }

  /** Means the members of rooms of the main namespace. */
  to(room: Room | readonly Room[]): BroadcastOperator<EmitEvents> {
    return this.sockets.to(room);
  }

  /** Same as {@link to}. */
  in(room: Room | readonly Room[]): BroadcastOperator<EmitEvents> {
    return this.sockets.to(room);
  }

  /** Means all in the main namespace but the members of rooms. */
  except(room: Room | readonly Room[]): BroadcastOperator<EmitEvents> {
    return this.sockets.except(room);
  }

  /** Leaves out sockets of the main namespace that can't take the event right now. */
  get volatile(): BroadcastOperator<EmitEvents> {
    return this.sockets.volatile;
  }

  /** Means only the sockets on this node. */
  get local(): BroadcastOperator<EmitEvents> {
    return this.sockets.local;
  }

  /**
   * Ends every session (clients are told that the server goes away, 1001), stops listening, and resolves when all is
   * quiet. Clients that do not leave within `shutdownTimeout` are cut off; requests of others to a shared HTTP server are
   * waited for.
   */
  async close(): Promise<void> {
    const attached = this.#attached.splice(0);
    const stopped = attached.map(({ http }) => stopListening(http));
    await this.engine.close();
    for (const { http, owned } of attached) {
      if (owned && "closeAllConnections" in http) http.closeAllConnections();
    }
    await Promise.all(stopped);
    await Promise.all([...this.#namespaces.values()].map(({ adapter }) => adapter.close()));
  }

  protected override listenerFailed(error: unknown, name: string): void {
    if (name === "handler_error")
      this.#settings.logger.error({ err: error }, "A handler_error listener failed.");
    else this.#reportHandlerError(error, { event: name, namespace: "/", socketId: undefined });
  }

  #reportHandlerError(error: unknown, context: HandlerErrorContext): void {
    if (this.dispatch("handler_error", [error, context])) return;
    this.#settings.logger.error({ err: error, ...context }, `A listener for "${context.event}" failed.`);
  }
}

function isHttpServer(where: unknown): where is AnyHttpServer {
  return typeof (where as Partial<AnyHttpServer> | undefined)?.listen === "function";
}
