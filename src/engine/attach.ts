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
import {
  acceptPlainConnect,
  acceptPlainUpgrade,
  checkPlainConnect,
  checkPlainUpgrade,
} from "../websocket/plain-handshake.ts";
import { refuseUpgrade } from "../websocket/upgrade.ts";
import type { Door, DoorMaker, DoorRefusal } from "./door.ts";
import type { AnswerHeaders } from "./http-exchange.ts";
import { type RequestSource, type RequestTaker, takeRequests } from "./request-gate.ts";
import type { SessionOptions } from "./session-contract.ts";
import type { UpgradeTransport } from "./transport.ts";
import { WebSocketTransport } from "./transports/websocket.ts";

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
    receive(request, () => doors.upgrade(request, stream, head));
  };
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
  };
}

/** Makes doors that lead to WebSockets. */
export class Doors implements DoorMaker {
  /** One for all connections, as they share what is made of it. */
  readonly #options: ConnectionOptions;

  constructor({ maxMessageBytes, maxBufferedBytes, overflow, clock }: SessionOptions) {
    this.#options = {
      role: "server",
      maxMessageBytes,
      maxBufferedBytes,
      overflow,
      closeTimeoutMs: CLOSE_TIMEOUT_MS,
      clock,
    };
  }

  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): Door {
    return new UpgradeDoor(request, stream, head, this.#options);
  }

  /** An extended CONNECT over HTTP/2. */
  connect(stream: ServerHttp2Stream, request: IncomingMessage): Door {
    return new ConnectDoor(request, stream, this.#options);
  }
}

class UpgradeDoor implements Door {
  readonly request: IncomingMessage;
  readonly #stream: Duplex;
  readonly #head: Buffer;
  readonly #options: ConnectionOptions;

  constructor(request: IncomingMessage, stream: Duplex, head: Buffer, options: ConnectionOptions) {
    this.request = request;
    this.#stream = stream;
    this.#head = head;
    this.#options = options;
    // The peer may leave while the application decides.
    stream.on("error", onError);
  }

  get isOpen(): boolean {
    return this.#stream.readable && this.#stream.writable;
  }

  check(): DoorRefusal | undefined {
    return checkPlainUpgrade(this.request);
  }

  accept(headers: AnswerHeaders): UpgradeTransport {
    validate(headers);
    acceptPlainUpgrade(this.request, this.#stream, headers);
    this.#stream.off("error", onError);
    return new WebSocketTransport(this.#stream, this.#head, this.#options);
  }

  refuse({ status, message, headers = {} }: DoorRefusal): void {
    refuseUpgrade(this.#stream, this.#options.clock, { status, message, headers });
  }
}

class ConnectDoor implements Door {
  readonly request: IncomingMessage;
  readonly #stream: ServerHttp2Stream;
  readonly #options: ConnectionOptions;

  constructor(request: IncomingMessage, stream: ServerHttp2Stream, options: ConnectionOptions) {
    this.request = request;
    this.#stream = stream;
    this.#options = options;
    stream.on("error", onError);
  }

  get isOpen(): boolean {
    return this.#stream.readable && this.#stream.writable;
  }

  check(): DoorRefusal | undefined {
    return checkPlainConnect(this.request);
  }

  accept(headers: AnswerHeaders): UpgradeTransport {
    validate(headers);
    acceptPlainConnect(this.#stream, headers);
    this.#stream.off("error", onError);
    return new WebSocketTransport(this.#stream, NO_HEAD, this.#options);
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
