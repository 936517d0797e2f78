import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { Emitter } from "../shared/emitter.ts";
import { randomId } from "../shared/random.ts";
import { type AnyHttpServer, attach, Doors } from "./attach.ts";
import { cookieWriter } from "./cookie.ts";
import { cors } from "./cors.ts";
import type { Door } from "./door.ts";
import { type DrainOptions, drainSettings } from "./drain.ts";
import { EngineSocket, type EngineSocketOwner } from "./engine-socket.ts";
import { Handshakes } from "./handshake.ts";
import { HttpCompression } from "./http-compression.ts";
import type { AnswerHeaders } from "./http-exchange.ts";
import { createHttpServer, startListening, stopListening, trackHttp2 } from "./listen.ts";
import { type ConnectMiddleware, type Middleware, MiddlewareChain } from "./middleware.ts";
import {
  type AttachOptions,
  type EngineSettings,
  pathPrefix,
  type ServerOptions,
  withDefaults,
} from "./options.ts";
import { Reception } from "./reception.ts";
import { withQuery } from "./request-check.ts";
import type { Session, SessionHandler } from "./session-contract.ts";
import { Sessions } from "./sessions.ts";

/** What a refused request is about. */
export interface ConnectionError {
  readonly req: IncomingMessage;
  /** A code of the error table. */
  readonly code: number;
  readonly message: string;
  /** More for the log; never sent to the client. */
  readonly context: Readonly<Record<string, unknown>>;
}

/** The events of a {@link Server}. */
export type ServerEvents = {
  connection: (socket: EngineSocket) => void;
  /** The headers of the answer that begins a session; they may be changed. */
  initial_headers: (headers: AnswerHeaders, request: IncomingMessage) => void;
  /** The headers of any answer to a session's request; they may be changed. */
  headers: (headers: AnswerHeaders, request: IncomingMessage) => void;
  /** A request was refused; the client has been answered. */
  connection_error: (error: ConnectionError) => void;
  /** The server takes no new sessions any more, as `drain` was called. */
  draining: () => void;
};

/**
 * An Engine.IO v4 server, by engine.io's names: sessions over WebSocket and polling, and, for clients that ask for a link, event streams.
 *
 * @example
 * const server = new Server({ pingInterval: 10_000 });
 * server.on("connection", (socket) => socket.send("welcome"));
 * server.attach(httpServer);
 */
export class Server extends Emitter<ServerEvents> {
  readonly #settings: EngineSettings;
  readonly #sessions: Sessions;
  readonly #onSession: ((session: Session) => SessionHandler) | undefined;
  /** The sessions that somebody may hold by engine.io's face. */
  readonly #sockets = new Map<string, EngineSocket>();
  readonly #middleware = new MiddlewareChain();
  readonly #doors: Doors;
  readonly #handshakes: Handshakes;
  readonly #reception: Reception;
  #isClosing = false;
  #drained: Promise<void> | undefined;
  readonly #attached: { http: AnyHttpServer; owned: boolean; detach: () => void }[] = [];

  /**
   * `onSession` is for a layer above: it gets each session, and returns the handler that it has set.
   * Throws a `RangeError` or `TypeError` for an option that can't be.
   */
  constructor(options: ServerOptions = {}, onSession?: (session: Session) => SessionHandler) {
    super();
    const settings = withDefaults(options);
    this.#settings = settings;
    this.#onSession = onSession;
    this.#sessions = new Sessions(settings.sessions, this.#onOpened, (error) => {
      this.#log(error, "The handler of a session failed.");
    });
    this.#doors = new Doors(settings.sessions, settings.perMessageDeflate);
    if (settings.generateId !== undefined) this.generateId = settings.generateId;
    if (settings.cors !== undefined) this.use(cors(settings.cors));
    this.#handshakes = this.#makeHandshakes();
    this.#reception = this.#makeReception();
  }

  /**
   * Whether new sessions are refused, as {@link drain} or {@link close} was called: what a load balancer that asks for its health is to be told.
   *
   * @example
   * app.get("/health", (request, response) => response.status(io.engine.draining ? 503 : 200).end());
   */
  get draining(): boolean {
    return this.#isClosing || this.#drained !== undefined;
  }

  /** How many sessions are open. */
  get clientsCount(): number {
    return this.#sessions.size;
  }

  /** How many handshakes wait for their turn: see the option `admission`. */
  get waitingCount(): number {
    return this.#handshakes.waiting;
  }

  /** The open sessions by id, copied. Under Socket.IO, those that began while somebody listened to `connection`. */
  get clients(): Record<string, EngineSocket> {
    return Object.assign(
      Object.create(null) as Record<string, EngineSocket>,
      Object.fromEntries(this.#sockets),
    );
  }

  /** The HTTP server that is served first: the one that was given, or the one made for a port. */
  get httpServer(): AnyHttpServer | undefined {
    return this.#attached[0]?.http;
  }

  /** Makes the id of a session. May be replaced; must return one that nobody can guess and that is not taken. */
  generateId(_request: IncomingMessage): string | PromiseLike<string> {
    return randomId(this.#settings.sessions.random);
  }

  /**
   * Adds a middleware in the way of Express, for requests and upgrades alike; one that fails refuses with code 3.
   *
   * @example
   * server.use((request, response, next) => {
   *   response.setHeader("X-Served-By", "switchboard");
   *   next();
   * });
   */
  use(middleware: Middleware): this;
  use(middleware: ConnectMiddleware): this;
  use(middleware: Middleware): this {
    this.#middleware.add(middleware);
    return this;
  }

  /** Serves an HTTP server, for every path that begins with `path`; its other requests are left alone. */
  attach(http: AnyHttpServer, options: AttachOptions = {}): this {
    return this.#attach(http, false, options);
  }

  /** Serves a port of its own; `callback` is called when it listens. */
  listen(port: number, callback?: () => void): this {
    const http = createHttpServer({ maxHeaderSize: this.#settings.maxHeaderSize });
    this.#attach(http, true, {});
    startListening(http, port, callback);
    return this;
  }

  /** Answers an HTTP request, whatever its path: for servers that it is not attached to. */
  handleRequest(req: IncomingMessage, res: ServerResponse): void {
    this.#reception.receiveRequest(withQuery(req), res);
  }

  /** Answers an upgrade, whatever its path; `head` is what came behind it. */
  handleUpgrade(req: IncomingMessage, stream: Duplex, head: Buffer): void {
    this.#reception.receiveDoor(this.#doors.upgrade(req, stream, head));
  }

  /**
   * Empties the server before it goes, and closes it then. New sessions are refused (503, `Retry-After`). Those that there are end one after the other
   * (`server shutting down`), each when its client has taken what it was sent; clients that asked for it are told to leave, and when to come back
   * (docs/protocol/drain.md). Resolves when all is quiet, as {@link close} does. Called again, it is the same drain. Rejects with a `RangeError` for an option
   * that can't be.
   *
   * @example
   * process.once("SIGTERM", () => void server.drain({ overMs: 20_000 }).then(() => process.exit()));
   */
  async drain(options?: DrainOptions): Promise<void> {
    await this.empty(options);
    await this.close();
  }

  /** @internal The same without the end: for a layer above that has more to close, and must stop listening before. */
  async empty(options: DrainOptions = {}): Promise<void> {
    const settings = drainSettings(options);
    if (!this.draining) {
      this.#handshakes.drain(settings.returnAfterMs);
      this.#drained = this.#sessions.drain(settings);
      this.dispatch("draining", []);
    }
    await this.#drained;
  }

  /**
   * Ends every session, stops serving what it was attached to, and closes the port that it listens on itself. Clients that have not left
   * within `shutdownTimeout` are cut off, and so are connections to an HTTP server that listens no more on which no request has come. Resolves when all
   * is quiet.
   */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#handshakes.close();
    const attached = this.#attached.splice(0);
    const stopped = attached.filter(({ owned }) => owned).map(({ http }) => stopListening(http));
    // Until then it serves those whose last poll is still to come.
    await this.#sessions.close();
    for (const { http, owned, detach } of attached) {
      detach();
      if (owned && "closeAllConnections" in http) http.closeAllConnections();
    }
    await Promise.all(stopped);
  }

  protected override listenerFailed(error: unknown, name: string): void {
    this.#log(error, `A listener for "${name}" failed.`);
  }

  #attach(http: AnyHttpServer, owned: boolean, options: AttachOptions): this {
    const { path, addTrailingSlash, destroyUpgrade } = { ...this.#settings, ...options };
    const prefix = pathPrefix(path, addTrailingSlash);
    const engine = {
      shouldHandle: (request: IncomingMessage): boolean => request.url?.startsWith(prefix) === true,
      handleRequest: (request: IncomingMessage, response: ServerResponse): void =>
        this.handleRequest(request, response),
      receiveDoor: (door: Door): void => this.#reception.receiveDoor(door),
    };
    trackHttp2(http);
    const detach = attach(engine, http, this.#doors, destroyUpgrade);
    this.#attached.push({ http, owned, detach });
    return this;
  }

  #makeHandshakes(): Handshakes {
    const { allowRequest, handshakeTimeoutMs, sessions } = this.#settings;
    const admission = {
      allowRequest,
      generateId: (request: IncomingMessage) => this.generateId(request),
      handshakeTimeoutMs,
      clock: sessions.clock,
      random: sessions.random,
      onApplicationError: (error: unknown, option: string) =>
        this.#log(error, `The option "${option}" failed.`),
    };
    return new Handshakes(this.#settings, admission, this.#sessions);
  }

  #makeReception(): Reception {
    const { sessions, rules, keepRequest, findOrigin, bodyTimeoutMs, httpCompression, cookie } =
      this.#settings;
    const writeCookie = cookie === undefined ? undefined : cookieWriter(cookie);
    const onApplicationError = (error: unknown, what: string): void => this.#log(error, what);
    return new Reception(
      {
        sessions: this.#sessions,
        rules,
        handshakes: this.#handshakes,
        middleware: this.#middleware,
        keepRequest,
        findOrigin,
        isLeaving: () => this.draining,
        exchange: {
          clock: sessions.clock,
          maxBodyBytes: sessions.maxMessageBytes,
          bodyTimeoutMs,
          compression: httpCompression === undefined ? undefined : new HttpCompression(httpCompression),
          isClosing: () => this.#isClosing,
          onApplicationError,
        },
      },
      {
        onHeaders: (headers, request, isInitial, id) => {
          if (id !== undefined && writeCookie !== undefined) headers["Set-Cookie"] = [writeCookie(id)];
          if (isInitial) this.dispatch("initial_headers", [headers, request]);
          this.dispatch("headers", [headers, request]);
        },
        hearsHeaders: () => this.listenerCount("headers") > 0,
        onRefused: (req, { code, message, context }) => {
          this.dispatch("connection_error", [{ req, code, message, context }]);
        },
        onApplicationError,
      },
    );
  }

  readonly #onOpened = (session: Session): void => {
    const handler = this.#onSession?.(session);
    // What nobody looks at is not made.
    if (handler !== undefined && this.listenerCount("connection") === 0) return;
    const socket = new EngineSocket(session, handler, this.#socketOwner);
    this.#sockets.set(session.id, socket);
    this.dispatch("connection", [socket]);
  };

  readonly #socketOwner: EngineSocketOwner = {
    onSocketGone: ({ id }) => void this.#sockets.delete(id),
    onListenerError: (error, event) =>
      this.#log(error, `A listener for "${event}" of an EngineSocket failed.`),
  };

  #log(error: unknown, message: string): void {
    this.#settings.logger.error({ err: error }, message);
  }
}
