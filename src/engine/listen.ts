import {
  createServer,
  type IncomingMessage,
  type Server as HttpServer,
  type ServerResponse,
} from "node:http";
import type { Http2Session } from "node:http2";
import type { AnyHttpServer } from "./attach.ts";

/** How long a client may take over the headers of its request. */
const HEADERS_TIMEOUT_MS = 10_000;
/** How long it may take over a whole request. */
const REQUEST_TIMEOUT_MS = 30_000;
/** How often these two are looked after. */
const CHECK_INTERVAL_MS = 1000;

/**
 * So many connections may wait until they are accepted, as far as the system lets them (on Linux: net.core.somaxconn, 4,096). Of a herd that comes back, those who
 * find no place there are not refused, but not heard: they ask again after 1, 3, 7, 15 s. Node's default is 511, and it accepts one in a turn.
 */
const BACKLOG = 4096;

/** An HTTP server for the engine alone; clients that never finish their request do not keep it busy. */
export function createHttpServer({ maxHeaderSize }: { maxHeaderSize?: number | undefined } = {}): HttpServer {
  return createServer({
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: CHECK_INTERVAL_MS,
    ...(maxHeaderSize !== undefined && { maxHeaderSize }),
  });
}

/** Listens on a port, so that many may come at once. */
export function startListening(http: AnyHttpServer, port: number, callback?: () => void): void {
  http.listen({ port, backlog: BACKLOG }, callback);
}

const http2Sessions = new WeakMap<AnyHttpServer, Set<Http2Session>>();

/** Remembers the connections of an HTTP/2 server, as it does not do so itself: {@link stopListening} closes them. */
export function trackHttp2(http: AnyHttpServer): void {
  if (!("updateSettings" in http) || http2Sessions.has(http)) return;
  const sessions = new Set<Http2Session>();
  http2Sessions.set(http, sessions);
  http.on("session", (session: Http2Session) => {
    sessions.add(session);
    session.once("close", () => sessions.delete(session));
  });
}

/** Stops listening, and resolves when the requests that run are over; idle connections are closed. */
export function stopListening(http: AnyHttpServer): Promise<void> {
  return new Promise((resolve) => {
    // Its error only says that it did not listen.
    http.close(() => resolve());
    if ("closeIdleConnections" in http) http.closeIdleConnections();
    for (const session of http2Sessions.get(http) ?? []) session.close();
  });
}

/**
 * Refuses what comes late, on connections that were there before the server stopped listening, where nobody else would answer: else it would be waited
 * for in vain. Returns what undoes it.
 */
export function refuseLate(http: AnyHttpServer): () => void {
  if (http.listenerCount("request") > 0) return () => {};
  http.on("request", refuse);
  return () => http.off("request", refuse);
}

function refuse(_request: IncomingMessage, response: ServerResponse): void {
  response.shouldKeepAlive = false;
  response.writeHead(503).end();
}
