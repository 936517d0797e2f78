import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { HandshakeError } from "../protocol/index.ts";
import { type Clock, systemClock } from "../shared/clock.ts";
import { Emitter } from "../shared/emitter.ts";
import type { EventArguments, EventNames } from "../shared/events.ts";
import { consoleLogger, type Logger } from "../shared/logger.ts";
import { acceptUpgrade, pathOf, refuseUpgrade } from "./upgrade.ts";
import { DEFAULTS, WebSocket } from "./websocket.ts";

/** Options of a {@link WebSocketServer}. Exactly one of `port`, `server` and `noServer` is given. */
export interface WebSocketServerOptions {
  /** A port of its own (0: any free one). */
  port?: number;
  /** The address to listen on with `port`. Default: all. */
  host?: string;
  /** An HTTP server to share. */
  server?: Server;
  /** Neither: upgrades are handed over with {@link WebSocketServer.handleUpgrade}. */
  noServer?: boolean;
  /** Take only handshakes for this path. Default: any. */
  path?: string;
  /** Chooses one of the offered subprotocols, or false for none. Default: the first offered. */
  handleProtocols?: (protocols: Set<string>, request: IncomingMessage) => string | false;
  /** With `port`: how long a client may take over its handshake, in milliseconds. Default 10,000. */
  handshakeTimeout?: number;
  /** The longest message taken, in bytes; a longer one closes with 1009. Default 100 MiB; 0: no limit. */
  maxPayload?: number;
  /** The most bytes that may wait for one client; beyond it the connection is destroyed. Default 64 MiB; 0: no limit. */
  maxBufferedBytes?: number;
  /** How long a client may take to finish the close handshake, in milliseconds. Default 30,000. */
  closeTimeout?: number;
  /** Where to report listeners that throw. Default: the console. */
  logger?: Logger;
  /** Where time comes from. Default: the machine's clock. */
  clock?: Clock;
}

/** The events of a {@link WebSocketServer}. */
export type WebSocketServerEvents = {
  connection: (socket: WebSocket, request: IncomingMessage) => void;
  listening: () => void;
  /** The HTTP server failed, for example because the port is taken. */
  error: (error: Error) => void;
  /** A handshake was refused; the peer has been answered. */
  wsClientError: (error: HandshakeError, stream: Duplex, request: IncomingMessage) => void;
  close: () => void;
};

/**
 * A WebSocket server, by the names of `ws`.
 *
 * @example
 * const wss = new WebSocketServer({ port: 8080 });
 * wss.on("connection", (ws) => ws.on("message", (data, isBinary) => ws.send(data, { binary: isBinary })));
 */
export class WebSocketServer extends Emitter<WebSocketServerEvents> {
  /** The connections that are open or closing. */
  readonly clients: Set<WebSocket> = new Set();
  readonly options: Readonly<WebSocketServerOptions>;
  readonly #clock: Clock;
  readonly #http: Server | undefined;
  readonly #ownsHttp: boolean;
  readonly #detach: () => void;
  #state: "running" | "closing" | "closed" = "running";

  constructor(options: WebSocketServerOptions) {
    super();
    const given = [options.port !== undefined, options.server !== undefined, options.noServer];
    if (given.filter(Boolean).length !== 1) {
      throw new TypeError('Give exactly one of the options "port", "server" and "noServer".');
    }
    this.options = options;
    this.#clock = options.clock ?? systemClock;
    this.#ownsHttp = options.port !== undefined;
    this.#http = this.#ownsHttp ? ownHttpServer(options) : options.server;
    this.#detach = this.#http === undefined ? () => {} : this.#attach(this.#http);
    if (this.#ownsHttp) this.#http?.listen(options.port, options.host);
  }

  /** Where the server listens; null without a port. */
  address(): AddressInfo | string | null {
    if (this.#http === undefined) throw new Error('A server made with "noServer" has no address.');
    return this.#http.address();
  }

  /** Whether this server takes a request's path. */
  shouldHandle(request: IncomingMessage): boolean {
    return this.options.path === undefined || pathOf(request) === this.options.path;
  }

  /**
   * Completes a handshake that an HTTP server's `upgrade` event brought, and calls back with the connection;
   * a bad handshake is answered with its HTTP status.
   */
  handleUpgrade(
    request: IncomingMessage,
    stream: Duplex,
    head: Buffer,
    callback: (socket: WebSocket, request: IncomingMessage) => void,
  ): void {
    if (!stream.readable || !stream.writable) {
      // The peer left while its handshake waited to be handed over: no event would ever end the connection.
      stream.destroy();
      return;
    }
    try {
      if (this.#state !== "running") {
        throw new HandshakeError("WS_ERR_HANDSHAKE_REFUSED", 503, "The server is shutting down.");
      }
      if (!this.shouldHandle(request)) {
        throw new HandshakeError("WS_ERR_HANDSHAKE_REFUSED", 400, "There is no WebSocket at this path.");
      }
      const protocol = acceptUpgrade(request, stream, (offered) => this.#chooseProtocol(offered, request));
      const socket = new WebSocket(null, undefined, this.options);
      this.clients.add(socket);
      socket.on("close", () => {
        this.clients.delete(socket);
        this.#finishClosing();
      });
      socket.adopt(stream, head, protocol, "server");
      callback(socket, request);
    } catch (error) {
      if (!(error instanceof HandshakeError)) throw error;
      refuseUpgrade(stream, this.#clock, error);
      this.emit("wsClientError", error, stream, request);
    }
  }

  /** Calls the listeners of an event; one that throws is logged and does not keep the others from being called. */
  emit<Name extends EventNames<WebSocketServerEvents>>(
    name: Name,
    ...args: EventArguments<WebSocketServerEvents, Name>
  ): boolean {
    return this.dispatch(name, args);
  }

  protected override listenerFailed(error: unknown, name: string): void {
    this.#log(error, `A listener for "${name}" of a WebSocketServer failed.`);
  }

  #log(error: unknown, message: string): void {
    (this.options.logger ?? consoleLogger).error({ err: error }, message);
  }

  /**
   * Takes no more connections and, on a port of its own, stops listening. Connections that are open stay so, as in `ws`:
   * close them by `clients`. Calls back, and emits `close`, when all are gone.
   */
  close(callback?: (error?: Error) => void): void {
    if (callback !== undefined) {
      if (this.#state === "closed") {
        process.nextTick(callback, new Error("The server is not running."));
        return;
      }
      this.once("close", callback);
    }
    if (this.#state !== "running") return;
    this.#state = "closing";
    this.#detach();
    if (this.#ownsHttp) {
      this.#http?.close();
      // Node no longer watches its timeouts after that: who has not finished a handshake by now would stay for ever.
      this.#http?.closeAllConnections();
    }
    this.#finishClosing();
  }

  #finishClosing(): void {
    if (this.#state !== "closing" || this.clients.size > 0) return;
    process.nextTick(() => {
      if (this.#state !== "closing") return;
      this.#state = "closed";
      this.emit("close");
    });
  }

  #chooseProtocol(offered: readonly string[], request: IncomingMessage): string {
    const choose = this.options.handleProtocols;
    if (choose === undefined) return offered[0]!;
    try {
      const chosen = choose(new Set(offered), request);
      return chosen !== false && offered.includes(chosen) ? chosen : "";
    } catch (error) {
      this.#log(error, 'The option "handleProtocols" of a WebSocketServer failed.');
      throw new HandshakeError("WS_ERR_HANDSHAKE_REFUSED", 500, "The server could not choose a subprotocol.");
    }
  }

  #attach(http: Server): () => void {
    const onUpgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
      // Several servers may share one HTTP server, each with its path.
      if (!this.shouldHandle(request) && http.listenerCount("upgrade") > 1) return;
      this.handleUpgrade(request, stream, head, (socket) => this.emit("connection", socket, request));
    };
    const onListening = (): unknown => this.emit("listening");
    const onError = (error: Error): void => {
      // Listening here keeps Node from throwing it: it must not be lost.
      if (!this.emit("error", error)) this.#log(error, "The HTTP server of a WebSocketServer failed.");
    };
    http.on("upgrade", onUpgrade);
    http.on("listening", onListening);
    http.on("error", onError);
    return () => {
      http.off("upgrade", onUpgrade);
      http.off("listening", onListening);
      http.off("error", onError);
    };
  }
}

function ownHttpServer(options: WebSocketServerOptions): Server {
  const handshakeTimeoutMs = options.handshakeTimeout ?? DEFAULTS.handshakeTimeout;
  return createServer(
    {
      headersTimeout: handshakeTimeoutMs,
      requestTimeout: handshakeTimeoutMs,
      connectionsCheckingInterval: Math.max(10, Math.min(1000, handshakeTimeoutMs / 4)),
    },
    (_request: IncomingMessage, response: ServerResponse) => {
      const body = "This is a WebSocket server: an upgrade is required.\n";
      // Without the Connection header, Upgrade would only be a hint (RFC 7230 §6.7).
      response.writeHead(426, {
        Connection: "Upgrade, close",
        Upgrade: "websocket",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Length": Buffer.byteLength(body),
      });
      response.end(body);
    },
  );
}
