import type { IncomingMessage, Server as HttpServer } from "node:http";
import type { ServerHttp2Stream } from "node:http2";
import type { Server as HttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import {
  checkConnectRequest,
  checkUpgradeRequest,
  HandshakeError,
  type UpgradeOffer,
} from "../protocol/index.ts";
import { type Clock, systemClock } from "../shared/clock.ts";
import { Emitter } from "../shared/emitter.ts";
import type { EventArguments, EventNames } from "../shared/events.ts";
import { consoleLogger } from "../shared/logger.ts";
import { admit } from "./admission.ts";
import type { BufferLimit, ConnectionOptions, OverflowPolicy } from "./connection.ts";
import { closePayload } from "./close-payload.ts";
import { bytesOf, type WebSocketData } from "./data.ts";
import { acceptConnect, type AnyHttp2Server, attachHttp2, isHttp2Server, refuseConnect } from "./http2.ts";
import { Keepalive } from "./keepalive.ts";
import { DEFAULTS, type DeflateSetup, deflateSetup } from "./options.ts";
import { isAnsweredBy, shareHttp } from "./neighbours.ts";
import { OwnPort } from "./own-port.ts";
import { PreparedMessage } from "./prepared-message.ts";
import type { WebSocketServerOptions } from "./server-options.ts";
import {
  chooseUpgrade,
  pathOf,
  refuseUpgrade,
  type Refusal,
  type UpgradeChoice,
  upgradeResponse,
  writeUpgradeResponse,
} from "./upgrade.ts";
import { connectionOptions, WebSocket } from "./websocket.ts";

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

/** How a message is made ready for many. */
export interface PrepareOptions {
  /** As binary or as text. Default: as binary unless it is a string. */
  binary?: boolean;
  /** Whether connections with compression get it compressed. Default true. */
  compress?: boolean;
}

/** Who gets a broadcast, and how. */
export interface BroadcastOptions extends PrepareOptions {
  /** Only those for which this is true. Default: all that are open. */
  filter?: (client: WebSocket) => boolean;
  /** For this message, the most bytes that may wait for a client. Default: the server's. */
  maxBufferedBytes?: number;
  /** For this message, what happens beyond it. Default: the server's. */
  overflow?: OverflowPolicy;
}

/** How a server is shut down. */
export interface ShutdownOptions {
  /** What clients are told. Default 1001, going away. */
  code?: number;
  /** At most 123 bytes. Default "". */
  reason?: string;
  /** How long they may take, in milliseconds. Default 1,000. */
  timeout?: number;
}

/** A handshake that waits for its answer, over HTTP/1.1 or HTTP/2. */
interface Door {
  readonly request: IncomingMessage;
  readonly stream: Duplex;
  readonly head: Buffer;
  /** Throws `HandshakeError` if it is not a right one. */
  check(): Pick<UpgradeOffer, "protocols" | "extensions">;
  accept(choice: UpgradeChoice): void;
  refuse(refusal: Refusal): void;
}

const NO_HEAD = Buffer.alloc(0);
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
  #state: "running" | "closing" | "closed" = "running";
  /** Handshakes that are being decided about. */
  #undecided = 0;

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
    const { pingInterval = 0, pingTimeout = pingInterval } = options;
    if (pingInterval > 0) {
      this.#keepalive = new Keepalive({
        pingIntervalMs: pingInterval,
        pingTimeoutMs: pingTimeout,
        clock: this.#clock,
      });
    }
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
    let key = "";
    const door: Door = {
      request,
      stream,
      head,
      check: () => {
        const offer = checkUpgradeRequest(request);
        key = offer.key;
        return offer;
      },
      accept: (choice) => {
        const lines = upgradeResponse(key, choice);
        this.emit("headers", lines, request);
        writeUpgradeResponse(stream, lines);
      },
      refuse: (refusal) => refuseUpgrade(stream, this.#clock, refusal),
    };
    this.#receive(door, callback);
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

  /** Takes a handshake through all checks, to a connection or a refusal. */
  #receive(door: Door, callback: (socket: WebSocket, request: IncomingMessage) => void): void {
    if (!door.stream.readable || !door.stream.writable) {
      // The peer left while its handshake waited to be handed over: no event would ever end the connection.
      door.stream.destroy();
      return;
    }
    let offer: ReturnType<Door["check"]>;
    try {
      this.#checkState(door.request);
      offer = door.check();
    } catch (error) {
      this.#refuse(door, error);
      return;
    }
    // The peer may leave while the application decides.
    const onError = (): void => void door.stream.destroy();
    door.stream.on("error", onError);
    this.#undecided += 1;
    admit(door.request, this.options, this.#onApplicationError, (error) => {
      door.stream.off("error", onError);
      this.#undecided -= 1;
      if (error !== undefined) this.#refuse(door, error);
      else if (!door.stream.writable) door.stream.destroy();
      else this.#complete(door, offer, callback);
      this.#finishClosing();
    });
  }

  #complete(
    door: Door,
    offer: ReturnType<Door["check"]>,
    callback: (socket: WebSocket, request: IncomingMessage) => void,
  ): void {
    let choice: UpgradeChoice;
    try {
      // The application may have taken long to decide.
      this.#checkRunning();
      choice = this.#choose(offer, door.request);
    } catch (error) {
      this.#refuse(door, error);
      return;
    }
    callback(this.#accept(door, choice), door.request);
  }

  readonly #onApplicationError = (error: unknown, option: string): void => {
    this.#log(error, `The option "${option}" of a WebSocketServer failed.`);
  };

  #checkRunning(): void {
    if (this.#state === "running") return;
    throw new HandshakeError("WS_ERR_HANDSHAKE_REFUSED", 503, "The server is shutting down.");
  }

  #checkState(request: IncomingMessage): void {
    this.#checkRunning();
    if (!this.shouldHandle(request)) {
      throw new HandshakeError("WS_ERR_HANDSHAKE_REFUSED", 400, "There is no WebSocket at this path.");
    }
    const { maxConnections = Number.POSITIVE_INFINITY } = this.options;
    if (this.#sockets.size + this.#undecided >= maxConnections) {
      throw new HandshakeError(
        "WS_ERR_HANDSHAKE_REFUSED",
        503,
        "The server has as many connections as it takes.",
      );
    }
  }

  #accept(door: Door, choice: UpgradeChoice): WebSocket {
    door.accept(choice);
    const socket = new WebSocket(null, undefined, this.options);
    this.#sockets.add(socket);
    this.#keepalive?.add(socket);
    const setup = this.#deflate;
    const { deflate: parameters, protocol } = choice;
    const deflate =
      setup === undefined || parameters === undefined ? undefined : { settings: setup.settings, parameters };
    const { stream, head } = door;
    socket.adopt({ stream, head, protocol, options: this.#connectionOptions, deflate }, this.#onClosed);
    return socket;
  }

  readonly #onClosed = (socket: WebSocket): void => {
    this.#sockets.delete(socket);
    this.#keepalive?.remove(socket);
    this.#finishClosing();
  };

  #refuse(door: Door, error: unknown): void {
    if (!(error instanceof HandshakeError)) throw error;
    door.refuse(error);
    this.emit("wsClientError", error, door.stream, door.request);
  }

  #choose(offer: ReturnType<Door["check"]>, request: IncomingMessage): UpgradeChoice {
    return chooseUpgrade(offer, (offered) => this.#chooseProtocol(offered, request), this.#deflate?.wishes);
  }

  #chooseProtocol(offered: readonly string[], request: IncomingMessage): string {
    const choose = this.options.handleProtocols;
    if (choose === undefined) return offered[0]!;
    try {
      const chosen = choose(new Set(offered), request);
      return chosen !== false && offered.includes(chosen) ? chosen : "";
    } catch (error) {
      this.#onApplicationError(error, "handleProtocols");
      throw new HandshakeError("WS_ERR_HANDSHAKE_REFUSED", 500, "The server could not choose a subprotocol.");
    }
  }

  #limitOf({ maxBufferedBytes, overflow }: BroadcastOptions): BufferLimit | undefined {
    if (maxBufferedBytes === undefined && overflow === undefined) return undefined;
    return {
      maxBufferedBytes: maxBufferedBytes ?? this.options.maxBufferedBytes ?? DEFAULTS.maxBufferedBytes,
      overflow: overflow ?? this.options.overflow ?? "terminate",
    };
  }

  #finishClosing(): void {
    if (this.#state !== "closing" || this.#sockets.size + this.#undecided > 0) return;
    process.nextTick(() => {
      if (this.#state !== "closing") return;
      this.#state = "closed";
      this.emit("close");
    });
  }

  #openPort(options: WebSocketServerOptions): OwnPort {
    const port = new OwnPort(
      { handshakeTimeoutMs: options.handshakeTimeout ?? DEFAULTS.handshakeTimeout, clock: this.#clock },
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
      ? attachHttp2(http, (stream, request) => this.#receiveConnect(http, stream, request))
      : undefined;
    return () => {
      leave();
      http.off("upgrade", onUpgrade);
      http.off("listening", this.#onListening);
      http.off("error", this.#onServerError);
      detachHttp2?.();
    };
  }

  /** A handshake over HTTP/2. */
  #receiveConnect(http: AnyHttp2Server, stream: ServerHttp2Stream, request: IncomingMessage): void {
    if (!isAnsweredBy(this, http, request)) return;
    const door: Door = {
      request,
      stream,
      head: NO_HEAD,
      check: () => checkConnectRequest(request.headers),
      accept: (choice) => acceptConnect(stream, choice),
      refuse: (refusal) => refuseConnect(stream, refusal),
    };
    this.#receive(door, this.#onConnected);
  }
}
