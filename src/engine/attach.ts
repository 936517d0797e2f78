import {
  type IncomingMessage,
  type Server as HttpServer,
  validateHeaderName,
  validateHeaderValue,
} from "node:http";
import type { Http2SecureServer, Http2Server, ServerHttp2Stream } from "node:http2";
import type { Server as HttpsServer } from "node:https";
import type { Duplex } from "node:stream";
import type { ConnectionOptions } from "../websocket/connection.ts";
import { attachHttp2, isHttp2Server, refuseConnect } from "../websocket/http2.ts";
import { isAnsweredBy, shareHttp } from "../websocket/neighbours.ts";
import { type DeflateSetup, deflateSetup, type PerMessageDeflateOptions } from "../websocket/options.ts";
import {
  acceptPlainConnect,
  acceptPlainUpgrade,
  checkPlainConnect,
  checkPlainUpgrade,
  choosePlainUpgrade,
} from "../websocket/plain-handshake.ts";
import { refuseUpgrade, type UpgradeChoice } from "../websocket/upgrade.ts";
import type { Door, DoorMaker, DoorRefusal } from "./door.ts";
import type { AnswerHeaders } from "./http-exchange.ts";
import { type RequestSource, type RequestTaker, takeRequests } from "./request-gate.ts";
import type { SessionOptions } from "./session-contract.ts";
import type { Transport } from "./transport.ts";
import { WebSocketTransport } from "./transports/websocket.ts";
import { noteUse, watchUnused } from "./unused-connections.ts";

export type { PerMessageDeflateOptions } from "../websocket/options.ts";

/** A server that an engine can be attached to: HTTP, HTTPS, or HTTP/2, which then carries WebSockets too (RFC 8441). */
export type AnyHttpServer = HttpServer | HttpsServer | Http2Server | Http2SecureServer;

/** What an engine must do to be attached. */
export interface AttachedEngine extends RequestTaker {
  receiveDoor(door: Door): void;
}

/** How long a client may take to finish the WebSocket's close handshake. */
const CLOSE_TIMEOUT_MS = 5000;
const NO_HEAD = Buffer.alloc(0);
const NOT_FOUND: DoorRefusal = { status: 404, message: "There is no WebSocket at this path." };

/**
 * Serves an engine's requests and upgrades on an HTTP server. Upgrades that are nobody's are refused with 404, unless `destroyUpgrade` is
 * false. Returns what undoes it.
 */
export function attach(
  engine: AttachedEngine,
  http: AnyHttpServer,
  doors: Doors,
  destroyUpgrade: boolean,
): () => void {
  // What is somebody else's is not touched.
  const receive = (request: IncomingMessage, open: () => Door): void => {
    if (engine.shouldHandle(request)) engine.receiveDoor(open());
    else if (destroyUpgrade && isAnsweredBy(engine, http, request)) open().refuse(NOT_FOUND);
  };
  const onUpgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    noteUse(http, stream);
    receive(request, () => doors.upgrade(request, stream, head));
  };
  const unwatch = watchUnused(http);
  const leave = shareHttp(engine, http);
  // What Node gives for HTTP/2 has all that is used here of a request and a response.
  const release = takeRequests(http as RequestSource, engine);
  http.on("upgrade", onUpgrade);
  const detachHttp2 = isHttp2Server(http)
    ? attachHttp2(http, (stream, request) => receive(request, () => doors.connect(stream, request)))
    : undefined;
  return () => {
    leave();
    release();
    http.off("upgrade", onUpgrade);
    detachHttp2?.();
    unwatch();
  };
}

/** Makes doors that lead to WebSockets. */
export class Doors implements DoorMaker {
  readonly #connections: ConnectionKinds;

  /** Throws a `RangeError` for an option of compression that can't be. */
  constructor(options: SessionOptions, perMessageDeflate: boolean | PerMessageDeflateOptions) {
    this.#connections = new ConnectionKinds(options, deflateSetup(perMessageDeflate));
  }

  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): Door {
    return new UpgradeDoor(request, stream, head, this.#connections);
  }

  /** An extended CONNECT over HTTP/2. */
  connect(stream: ServerHttp2Stream, request: IncomingMessage): Door {
    return new ConnectDoor(request, stream, this.#connections);
  }
}

/** The options of connections: those that have agreed on the same share them, and what is made of them. */
class ConnectionKinds {
  readonly plain: ConnectionOptions;
  readonly #setup: DeflateSetup | undefined;
  /** By the extensions of the answer: there are only so many that can be agreed on. */
  readonly #compressed = new Map<string, ConnectionOptions>();

  constructor(options: SessionOptions, setup: DeflateSetup | undefined) {
    const { maxMessageBytes, maxBufferedBytes, overflow, clock } = options;
    const closeTimeoutMs = CLOSE_TIMEOUT_MS;
    this.plain = { role: "server", maxMessageBytes, maxBufferedBytes, overflow, closeTimeoutMs, clock };
    this.#setup = setup;
  }

  /** What is answered to the extensions that a client offers. */
  choose(request: IncomingMessage): UpgradeChoice {
    return choosePlainUpgrade(request, this.#setup?.wishes);
  }

  /** How a connection behaves for which this was chosen. */
  of({ deflate: parameters, extensions }: UpgradeChoice): ConnectionOptions {
    if (this.#setup === undefined || parameters === undefined) return this.plain;
    let options = this.#compressed.get(extensions);
    if (options === undefined) {
      options = { ...this.plain, deflate: { settings: this.#setup.settings, parameters } };
      this.#compressed.set(extensions, options);
    }
    return options;
  }
}

class UpgradeDoor implements Door {
  readonly request: IncomingMessage;
  readonly #stream: Duplex;
  readonly #head: Buffer;
  readonly #connections: ConnectionKinds;

  constructor(request: IncomingMessage, stream: Duplex, head: Buffer, connections: ConnectionKinds) {
    this.request = request;
    this.#stream = stream;
    this.#head = head;
    this.#connections = connections;
    // The peer may leave while the application decides.
    stream.on("error", onError);
  }

  get isOpen(): boolean {
    // Nobody reads it yet: without this, that the peer has ended it would not be known.
    this.#stream.read(0);
    return this.#stream.readable && this.#stream.writable;
  }

  check(): DoorRefusal | undefined {
    return checkPlainUpgrade(this.request);
  }

  accept(headers: AnswerHeaders): Transport {
    validate(headers);
    const choice = this.#connections.choose(this.request);
    const answer = acceptPlainUpgrade(this.request, this.#stream, headers, choice);
    this.#stream.off("error", onError);
    return new WebSocketTransport(this.#stream, answer, this.#head, this.#connections.of(choice));
  }

  refuse({ status, message, headers = {} }: DoorRefusal): void {
    refuseUpgrade(this.#stream, this.#connections.plain.clock, { status, message, headers });
  }
}

class ConnectDoor implements Door {
  readonly request: IncomingMessage;
  readonly #stream: ServerHttp2Stream;
  readonly #connections: ConnectionKinds;

  constructor(request: IncomingMessage, stream: ServerHttp2Stream, connections: ConnectionKinds) {
    this.request = request;
    this.#stream = stream;
    this.#connections = connections;
    stream.on("error", onError);
  }

  get isOpen(): boolean {
    return this.#stream.readable && this.#stream.writable;
  }

  check(): DoorRefusal | undefined {
    return checkPlainConnect(this.request);
  }

  accept(headers: AnswerHeaders): Transport {
    validate(headers);
    const choice = this.#connections.choose(this.request);
    acceptPlainConnect(this.#stream, headers, choice);
    this.#stream.off("error", onError);
    return new WebSocketTransport(this.#stream, "", NO_HEAD, this.#connections.of(choice));
  }

  refuse({ status, message, headers = {} }: DoorRefusal): void {
    refuseConnect(this.#stream, { status, message, headers });
  }
}

/** Headers that listeners have set are written as they are: one with a line break would write more. */
function validate(headers: AnswerHeaders): void {
  for (const [name, value] of Object.entries(headers)) {
    validateHeaderName(name);
    for (const one of typeof value === "string" ? [value] : value) validateHeaderValue(name, one);
  }
}

function onError(this: Duplex): void {
  this.destroy();
}
