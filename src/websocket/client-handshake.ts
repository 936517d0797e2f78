import { randomBytes } from "node:crypto";
import { type ClientRequest, type IncomingMessage, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Duplex } from "node:stream";
import {
  checkUpgradeResponse,
  type DeflateParameters,
  type DeflateWishes,
  HandshakeError,
  isToken,
  offerDeflate,
} from "../protocol/index.ts";
import { systemClock } from "../shared/clock.ts";
import { DEFAULTS, type WebSocketOptions } from "./options.ts";
import { acceptValue, prepareStream } from "./upgrade.ts";

/** A connection that a client has made. */
export interface Upgraded {
  readonly stream: Duplex;
  /** What came behind the server's answer. */
  readonly head: Buffer;
  readonly response: IncomingMessage;
  readonly protocol: string;
  readonly deflate: DeflateParameters | undefined;
}

/** Told what becomes of a handshake: one of the first two is called, once. */
export interface ClientHandshakeHandler {
  onUpgraded(upgraded: Upgraded): void;
  onFailed(error: Error): void;
  /** The answer was not 101; returns whether somebody takes care of it. */
  onUnexpectedResponse(request: ClientRequest, response: IncomingMessage): boolean;
  /** A redirect is followed. */
  onRedirect(to: URL, request: ClientRequest): void;
}

/** Checks the address of a WebSocket server (RFC 6455 §3). Throws a `SyntaxError` that says what is wrong. */
export function parseAddress(address: string | URL): URL {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    throw new SyntaxError(`"${String(address)}" is not a URL.`);
  }
  if (url.protocol === "http:") url.protocol = "ws:";
  if (url.protocol === "https:") url.protocol = "wss:";
  if (url.protocol !== "ws:" && url.protocol !== "wss:") {
    throw new SyntaxError(`A WebSocket URL begins with ws: or wss:, not "${url.protocol}".`);
  }
  if (url.hash !== "") throw new SyntaxError("A WebSocket URL must not have a fragment.");
  return url;
}

/** Checks the subprotocols that are to be offered. Throws a `SyntaxError` for what is not a token or stands twice. */
export function parseProtocols(protocols: string | readonly string[] | undefined): string[] {
  const names = protocols === undefined ? [] : [protocols].flat();
  for (const [index, name] of names.entries()) {
    if (!isToken(name)) throw new SyntaxError(`"${name}" can't be the name of a subprotocol.`);
    if (names.indexOf(name) !== index) throw new SyntaxError(`The subprotocol "${name}" is there twice.`);
  }
  return names;
}

/** Opens a connection to a server (RFC 6455 §4.1) and returns what stops it. */
export function connect(
  url: URL,
  protocols: readonly string[],
  options: WebSocketOptions,
  deflate: DeflateWishes | undefined,
  handler: ClientHandshakeHandler,
): () => void {
  const handshake = new ClientHandshake(protocols, options, deflate, handler);
  handshake.start(url);
  return () => handshake.abort();
}

/** Headers that must not go to another host than the one they were meant for, or there without TLS. */
const PRIVATE_HEADERS: ReadonlySet<string> = new Set(["authorization", "cookie", "host"]);

class ClientHandshake {
  readonly #protocols: readonly string[];
  readonly #options: WebSocketOptions;
  readonly #deflate: DeflateWishes | undefined;
  readonly #handler: ClientHandshakeHandler;
  readonly #timer: { cancel(): void };
  #request: ClientRequest | undefined;
  #redirects = 0;
  #firstUrl: URL | undefined;
  #settled = false;

  constructor(
    protocols: readonly string[],
    options: WebSocketOptions,
    deflate: DeflateWishes | undefined,
    handler: ClientHandshakeHandler,
  ) {
    this.#protocols = protocols;
    this.#options = options;
    this.#deflate = deflate;
    this.#handler = handler;
    const { handshakeTimeout = DEFAULTS.handshakeTimeout, clock = systemClock } = options;
    this.#timer = clock.setTimeout(() => {
      const message = `The server did not answer the opening handshake within ${handshakeTimeout} ms.`;
      this.#fail(new HandshakeError("WS_ERR_HANDSHAKE_TIMEOUT", 0, message));
    }, handshakeTimeout);
  }

  abort(): void {
    this.#fail(new HandshakeError("WS_ERR_HANDSHAKE_REFUSED", 0, "Closed before the connection was open."));
  }

  /** Throws what Node throws for options that can't be. */
  start(url: URL): void {
    this.#firstUrl = url;
    try {
      this.#open(url);
    } catch (error) {
      this.#settle();
      throw error;
    }
  }

  #open(url: URL): void {
    const key = randomBytes(16).toString("base64");
    const options = this.#isTrusted(url) ? this.#options : { ...this.#options, auth: undefined };
    const request = openRequest(url, options, this.#headers(url, key));
    this.#request = request;
    request.on("error", (error) => {
      if (request === this.#request) this.#fail(error);
    });
    request.on("response", (response) => this.#onResponse(url, request, response));
    request.on("upgrade", (response, stream, head) => this.#onUpgrade(key, response, stream, head));
    if (this.#redirects > 0) this.#handler.onRedirect(url, request);
    request.end();
  }

  #headers(url: URL, key: string): Record<string, string | string[]> {
    const isTrusted = this.#isTrusted(url);
    const { headers = {}, origin } = this.#options;
    const given = Object.entries(headers).filter(
      ([name]) => isTrusted || !PRIVATE_HEADERS.has(name.toLowerCase()),
    );
    return {
      Host: url.host,
      ...Object.fromEntries(
        given.map(([name, value]) => [name, typeof value === "string" ? value : [...value]]),
      ),
      ...(origin !== undefined && { Origin: origin }),
      Connection: "Upgrade",
      Upgrade: "websocket",
      "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Key": key,
      ...(this.#protocols.length > 0 && { "Sec-WebSocket-Protocol": this.#protocols.join(",") }),
      ...(this.#deflate !== undefined && { "Sec-WebSocket-Extensions": offerDeflate(this.#deflate) }),
    };
  }

  /** Whether what was meant for the first address may go to this one. */
  #isTrusted(url: URL): boolean {
    const first = this.#firstUrl!;
    return url.host === first.host && (url.protocol === "wss:" || first.protocol === "ws:");
  }

  #onUpgrade(key: string, response: IncomingMessage, stream: Duplex, head: Buffer): void {
    try {
      const { protocol, deflate } = checkUpgradeResponse(response.statusCode ?? 0, response.headers, {
        accept: acceptValue(key),
        protocols: this.#protocols,
        deflate: this.#deflate,
      });
      if (!this.#settle()) {
        stream.destroy();
        return;
      }
      prepareStream(stream);
      this.#handler.onUpgraded({ stream, head, response, protocol, deflate });
    } catch (error) {
      if (!(error instanceof HandshakeError)) throw error;
      stream.destroy();
      this.#fail(error);
    }
  }

  #onResponse(url: URL, request: ClientRequest, response: IncomingMessage): void {
    const status = response.statusCode ?? 0;
    const { location } = response.headers;
    if (this.#options.followRedirects === true && status >= 300 && status < 400 && location !== undefined) {
      response.resume();
      this.#redirect(url, location);
      return;
    }
    if (this.#handler.onUnexpectedResponse(request, response)) {
      this.#timer.cancel();
      return;
    }
    response.resume();
    const message = `The server answered ${status} instead of 101.`;
    this.#fail(new HandshakeError("WS_ERR_HANDSHAKE_RESPONSE", status, message));
  }

  #redirect(from: URL, location: string): void {
    this.#redirects += 1;
    const { maxRedirects = DEFAULTS.maxRedirects } = this.#options;
    if (this.#redirects > maxRedirects) {
      const message = `The server redirected more than ${maxRedirects} times.`;
      this.#fail(new HandshakeError("WS_ERR_HANDSHAKE_RESPONSE", 0, message));
      return;
    }
    this.#request?.destroy();
    try {
      this.#open(parseAddress(new URL(location, from)));
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    this.#timer.cancel();
    return true;
  }

  #fail(error: Error): void {
    if (!this.#settle()) return;
    this.#request?.destroy();
    this.#handler.onFailed(error);
  }
}

function openRequest(
  url: URL,
  options: WebSocketOptions,
  headers: Record<string, string | string[]>,
): ClientRequest {
  const secure = url.protocol === "wss:";
  const hostname = url.hostname.replace(/^\[|\]$/g, "");
  const { origin: _origin, ...request } = options;
  return (secure ? httpsRequest : httpRequest)({
    // One connection each: it is not given back.
    ...(options.createConnection === undefined && { agent: false }),
    ...(secure && !/^[\d.]+$|:/.test(hostname) && { servername: hostname }),
    ...(url.username !== "" && {
      auth: `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`,
    }),
    ...request,
    host: hostname,
    port: url.port === "" ? (secure ? 443 : 80) : Number(url.port),
    path: url.pathname + url.search,
    method: "GET",
    headers,
  });
}
