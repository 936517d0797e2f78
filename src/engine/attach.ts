import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { HandshakeError } from "../websocket/index.ts";
import { isAnsweredBy, shareHttp } from "../websocket/neighbours.ts";
import { acceptPlainUpgrade, refuseUpgrade } from "../websocket/upgrade.ts";
import { checkRequest, REQUEST_ERRORS, type RequestError, sessionRequest } from "./handshake.ts";
import type { EngineServer } from "./server.ts";
import { WebSocketTransport } from "./transports/websocket.ts";

/** How long a client may take to finish the WebSocket's close handshake. */
const CLOSE_TIMEOUT_MS = 5000;

/**
 * Serves an engine's requests and upgrades on an HTTP server, for every path that begins with `path`.
 * Request listeners that the server has already keep getting all the others. Returns what undoes it.
 */
export function attach(engine: EngineServer, http: Server, path: string): () => void {
  const isOurs = (request: IncomingMessage): boolean => request.url?.startsWith(path) === true;
  const others = http.listeners("request") as RequestListener[];

  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    if (isOurs(request)) answer(response, checkPlainRequest(engine, request));
    // With listeners that were added later, one of them will answer.
    else if (others.length === 0 && http.listenerCount("request") === 1) answerNotFound(response);
    else
      for (const listener of others) listener.call(http, request, response as Parameters<RequestListener>[1]);
  };
  const onUpgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    if (isOurs(request)) receiveUpgrade(engine, request, stream, head);
    else if (isAnsweredBy(neighbour, http, request)) {
      refuse(engine, stream, 404, "There is no WebSocket at this path.");
    }
  };
  const neighbour = { shouldHandle: isOurs };
  const leave = shareHttp(neighbour, http);

  http.removeAllListeners("request");
  http.on("request", onRequest);
  http.on("upgrade", onUpgrade);
  return () => {
    leave();
    http.off("upgrade", onUpgrade);
    http.off("request", onRequest);
    for (const listener of others) http.on("request", listener);
  };
}

function checkPlainRequest(engine: EngineServer, request: IncomingMessage): RequestError {
  return checkRequest(request, false, (id) => engine.hasSession(id)) ?? REQUEST_ERRORS.badRequest;
}

function receiveUpgrade(engine: EngineServer, request: IncomingMessage, stream: Duplex, head: Buffer): void {
  const error = checkRequest(request, true, (id) => engine.hasSession(id));
  if (error !== undefined) {
    refuse(engine, stream, error.status, error.message);
    return;
  }
  const { maxMessageBytes, maxBufferedBytes, clock } = engine.options;
  try {
    acceptPlainUpgrade(request, stream);
  } catch (cause) {
    if (!(cause instanceof HandshakeError)) throw cause;
    refuseUpgrade(stream, clock, cause);
    return;
  }
  const transport = new WebSocketTransport(stream, head, {
    role: "server",
    maxMessageBytes,
    maxBufferedBytes,
    overflow: "terminate",
    closeTimeoutMs: CLOSE_TIMEOUT_MS,
    clock,
  });
  engine.openSession(transport, sessionRequest(request));
}

function refuse(engine: EngineServer, stream: Duplex, status: number, message: string): void {
  refuseUpgrade(stream, engine.options.clock, { status, message, headers: {} });
}

function answer(response: ServerResponse, { status, code, message }: RequestError): void {
  const body = JSON.stringify({ code, message });
  response.writeHead(status, {
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(body),
    "Cache-Control": "no-store",
  });
  response.end(body);
}

function answerNotFound(response: ServerResponse): void {
  response.writeHead(404, { "Content-Length": 0 });
  response.end();
}
