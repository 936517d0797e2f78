import type { IncomingMessage, Server as HttpServer } from "node:http";
import type { Server as HttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { HandshakeError } from "../protocol/index.ts";
import { type Clock, systemClock } from "../shared/clock.ts";
import { Emitter } from "../shared/emitter.ts";
import type { EventArguments, EventNames } from "../shared/events.ts";
import { consoleLogger } from "../shared/logger.ts";
import { Acceptor } from "./acceptor.ts";
import type { BufferLimit } from "./buffer-limit.ts";
import { closePayload } from "./close-payload.ts";
import { type ConnectionOptions, connectionOptions } from "./connection-options.ts";
import { bytesOf, type WebSocketData } from "./data.ts";
import { type AnyHttp2Server, attachHttp2, isHttp2Server } from "./http2.ts";
import { connectHandshake, type IncomingHandshake, upgradeHandshake } from "./incoming-handshake.ts";
import { type Keepalive, keepaliveFor } from "./keepalive.ts";
import { isAnsweredBy, shareHttp } from "./neighbours.ts";
import { DEFAULTS, type DeflateSetup, deflateSetup } from "./options.ts";
import { OwnPort } from "./own-port.ts";
import { PreparedMessage } from "./prepared-message.ts";
import type {
  BroadcastOptions,
  PrepareOptions,
  ShutdownOptions,
  WebSocketServerOptions,
} from "./server-options.ts";
import { pathOf, type Refusal, refuseUpgrade, type UpgradeChoice } from "./upgrade.ts";
import { WebSocket } from "./websocket.ts";

/** The events of a {@link WebSocketServer}. */
export type WebSocketServerEvents = {
  connection: (socket: WebSocket, request: IncomingMessage) => void;
  /** The lines of the answer to a handshake over HTTP/1.1; they may be changed. */
  headers: (lines: string[], request: IncomingMessage) => void;
  listening: () => void;
  /** The HTTP server failed, for example because the port is taken. */
  error: (error: Error) => void;
  /** A handshake was refused; the peer has been answered. */
  wsClientError: (error: HandshakeError, stream: Duplex, request: IncomingMessage) => void;
  close: () => void;
};

const GOING_AWAY = 1001;
/** What a port of our own answers to a request that is no handshake. */
const UPGRADE_REQUIRED: Refusal = {
  status: 426,
  message: "This is a WebSocket server: an upgrade is required.",
  headers: { Upgrade: "websocket" },
};
const SHUTDOWN_TIMEOUT_MS = 1000;

/**
 * A WebSocket server, by the names of `ws`.
 *
 * @example
 * const wss = new WebSocketServer({ port: 8080 });
 * wss.on("connection", (ws) => ws.on("message", (data, isBinary) => ws.send(data, { binary: isBinary })));
 */
export class WebSocketServer extends Emitter<WebSocketServerEvents> {
  /** The connections that are open or closing; empty with `clientTracking: false`. */
  readonly clients: Set<WebSocket>;
  /** The same, whether they are shown or not. */
  readonly #sockets = new Set<WebSocket>();
  readonly options: Readonly<WebSocketServerOptions>;
  readonly #clock: Clock;
  readonly #http: HttpServer | HttpsServer | AnyHttp2Server | undefined;
  readonly #ownPort: OwnPort | undefined;
  readonly #detach: () => void;
  readonly #deflate: DeflateSetup | undefined;
  readonly #connectionOptions: ConnectionOptions;
  readonly #keepalive: Keepalive | undefined;
  readonly #acceptor: Acceptor;
  #state: "running" | "closing" | "closed" = "running";

  /** `callback` is called when the server listens on a port of its own. */
  constructor(options: WebSocketServerOptions, callback?: () => void) {
    super();
    if (callback !== undefined) this.once("listening", callback);
    const given = [options.port !== undefined, options.server !== undefined, options.noServer];
    if (given.filter(Boolean).length !== 1) {
      throw new TypeError('Give exactly one of the options "port", "server" and "noServer".');
    }
    this.options = options;
    this.clients = options.clientTracking === false ? new Set() : this.#sockets;
    this.#clock = options.clock ?? systemClock;
    this.#deflate = deflateSetup(options.perMessageDeflate ?? false);
    this.#connectionOptions = connectionOptions("server", options);
    this.#keepalive = keepaliveFor(options);
    this.#acceptor = new Acceptor(options, this.#deflate?.wishes, {
      shouldHandle: (request) => this.shouldHandle(request),
      connectionCount: () => this.#sockets.size,
      onRefused: (error, { stream, request }) => void this.emit("wsClientError", error, stream, request),
      onDecided: () => this.#finishClosing(),
      onApplicationError: (error, option) =>
        this.#log(error, `The option "${option}" of a WebSocketServer failed.`),
    });
    this.#ownPort = options.port === undefined ? undefined : this.#openPort(options);
    this.#http = options.server;
    this.#detach = this.#http === undefined ? () => {} : this.#attach(this.#http);
  }

  /** Where the server listens; null without a port. */
  address(): AddressInfo | string | null {
    const server = this.#ownPort?.server ?? this.#http;
    if (server === undefined) throw new Error('A server made with "noServer" has no address.');
    return server.address();
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
    const handshake = upgradeHandshake(request, stream, head, this.#clock, (lines) => {
      this.emit("headers", lines, request);
    });
    this.#receive(handshake, callback);
  }

  /**
   * Makes a message ready to be sent to many connections with `send`: it is encoded once, and compressed once for each set of
   * parameters.
   */
  prepare(data: WebSocketData, options: PrepareOptions = {}): PreparedMessage {
    const isText = options.binary === undefined ? typeof data === "string" : !options.binary;
    return new PreparedMessage(bytesOf(data), isText, options.compress !== false);
  }

  /** Sends a message to every open connection; returns how many took it. */
  broadcast(data: WebSocketData | PreparedMessage, options: BroadcastOptions = {}): number {
    const message = data instanceof PreparedMessage ? data : this.prepare(data, options);
    const { filter } = options;
    const limit = this.#limitOf(options);
    let taken = 0;
    for (const client of this.#sockets) {
      if ((filter === undefined || filter(client)) && client.sendPrepared(message, limit)) taken += 1;
    }
    return taken;
  }

  /** Calls the listeners of an event; one that throws is logged and does not keep the others from being called. */
  emit<Name extends EventNames<WebSocketServerEvents>>(
    name: Name,
    ...args: EventArguments<WebSocketServerEvents, Name>
  ): boolean {
    return this.dispatch(name, args);
  }

  /**
   * Takes no more connections and, on a port of its own, stops listening. Connections that are open stay so, as in `ws`:
   * {@link shutdown} ends them too. Calls back, and emits `close`, when all are gone.
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
    this.#acceptor.close();
    this.#detach();
    this.#ownPort?.close();
    this.#finishClosing();
  }

  /**
   * Closes the server and every connection, politely; who has not left in time is cut off. Resolves when all are gone; rejects, and
   * closes nothing, if `code` or `reason` can't be sent.
   */
  shutdown(options: ShutdownOptions = {}): Promise<void> {
    const { code = GOING_AWAY, reason = "", timeout = SHUTDOWN_TIMEOUT_MS } = options;
    return new Promise((resolve) => {
      // A code or reason that can't be sent must throw before anything is closed.
      closePayload(code, reason);
      if (this.#state === "closed") {
        resolve();
        return;
      }
      const timer = this.#clock.setTimeout(() => {
        for (const socket of this.#sockets) socket.terminate();
      }, timeout);
      this.once("close", () => {
        timer.cancel();
        resolve();
      });
      this.close();
      for (const socket of this.#sockets) socket.close(code, reason);
    });
  }

  protected override listenerFailed(error: unknown, name: string): void {
    this.#log(error, `A listener for "${name}" of a WebSocketServer failed.`);
  }

  #log(error: unknown, message: string): void {
    (this.options.logger ?? consoleLogger).error({ err: error }, message);
  }

  #receive(
    handshake: IncomingHandshake,
    callback: (socket: WebSocket, request: IncomingMessage) => void,
  ): void {
    this.#acceptor.receive(handshake, (choice) => {
      callback(this.#accept(handshake, choice), handshake.request);
    });
  }

  #accept(handshake: IncomingHandshake, choice: UpgradeChoice): WebSocket {
    const answer = handshake.accept(choice);
    const socket = new WebSocket(null, undefined, this.options);
    this.#sockets.add(socket);
    this.#keepalive?.add(socket);
    const setup = this.#deflate;
    const { deflate: parameters, protocol } = choice;
    const deflate =
      setup === undefined || parameters === undefined ? undefined : { settings: setup.settings, parameters };
    const { stream, head } = handshake;
    const options = this.#connectionOptions;
    socket.adopt({ stream, answer, head, protocol, options, deflate }, this.#onClosed);
    return socket;
  }

  readonly #onClosed = (socket: WebSocket): void => {
    this.#sockets.delete(socket);
    this.#keepalive?.remove(socket);
    this.#finishClosing();
  };

  #limitOf({ maxBufferedBytes, overflow }: BroadcastOptions): BufferLimit | undefined {
    if (maxBufferedBytes === undefined && overflow === undefined) return undefined;
    return {
      maxBufferedBytes: maxBufferedBytes ?? this.options.maxBufferedBytes ?? DEFAULTS.maxBufferedBytes,
      overflow: overflow ?? this.options.overflow ?? "terminate",
    };
  }

  #finishClosing(): void {
    if (this.#state !== "closing" || this.#sockets.size + this.#acceptor.undecided > 0) return;
    process.nextTick(() => {
      if (this.#state !== "closing") return;
      this.#state = "closed";
      this.emit("close");
    });
  }

  #openPort(options: WebSocketServerOptions): OwnPort {
    const port = new OwnPort(
      {
        handshakeTimeoutMs: options.handshakeTimeout ?? DEFAULTS.handshakeTimeout,
        maxConnections: options.maxConnections,
        clock: this.#clock,
      },
      (request, stream, head) => {
        if (request.headers.upgrade === undefined) refuseUpgrade(stream, this.#clock, UPGRADE_REQUIRED);
        else this.handleUpgrade(request, stream, head, this.#onConnected);
      },
    );
    port.server.on("listening", this.#onListening);
    port.server.on("error", this.#onServerError);
    port.listen({ port: options.port, host: options.host, backlog: options.backlog });
    return port;
  }

  readonly #onConnected = (socket: WebSocket, request: IncomingMessage): void => {
    this.emit("connection", socket, request);
  };

  readonly #onListening = (): void => {
    this.emit("listening");
  };

  readonly #onServerError = (error: Error): void => {
    // Listening here keeps Node from throwing it: it must not be lost.
    if (!this.emit("error", error)) this.#log(error, "The server under a WebSocketServer failed.");
  };

  #attach(http: HttpServer | HttpsServer | AnyHttp2Server): () => void {
    const onUpgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
      if (isAnsweredBy(this, http, request)) this.handleUpgrade(request, stream, head, this.#onConnected);
    };
    const leave = shareHttp(this, http);
    http.on("upgrade", onUpgrade);
    http.on("listening", this.#onListening);
    http.on("error", this.#onServerError);
    const detachHttp2 = isHttp2Server(http)
      ? attachHttp2(http, (stream, request) => {
          if (!isAnsweredBy(this, http, request)) return;
          this.#receive(connectHandshake(request, stream), this.#onConnected);
        })
      : undefined;
    return () => {
      leave();
      http.off("upgrade", onUpgrade);
      http.off("listening", this.#onListening);
      http.off("error", this.#onServerError);
      detachHttp2?.();
    };
  }
}
