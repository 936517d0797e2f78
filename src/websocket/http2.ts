import { IncomingMessage } from "node:http";
import type {
  Http2SecureServer,
  Http2Server,
  Http2ServerRequest,
  Http2ServerResponse,
  IncomingHttpHeaders,
  ServerHttp2Stream,
} from "node:http2";
import type { Socket } from "node:net";
import type { Refusal, UpgradeChoice } from "./upgrade.ts";

/** A server that speaks HTTP/2, and over TLS perhaps HTTP/1.1 as well. */
export type AnyHttp2Server = Http2Server | Http2SecureServer;

/** Whether a server speaks HTTP/2. */
export function isHttp2Server(server: object): server is AnyHttp2Server {
  return "updateSettings" in server;
}

/**
 * Serves WebSockets over HTTP/2 (RFC 8441): `onConnect` gets each extended CONNECT for one. Returns what undoes it.
 * Sessions that are open already don't learn that it is possible.
 */
export function attachHttp2(
  server: AnyHttp2Server,
  onConnect: (stream: ServerHttp2Stream, request: IncomingMessage) => void,
): () => void {
  const onStream = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void => {
    if (isWebSocket(headers)) onConnect(stream, requestOf(stream, headers));
  };
  // With request listeners there, Node answers every CONNECT with 405 unless somebody listens to this.
  const onCompatConnect = (request: Http2ServerRequest, response: Http2ServerResponse): void => {
    if (isWebSocket(request.headers) || server.listenerCount("connect") > 1) return;
    response.statusCode = 405;
    response.end();
  };
  server.updateSettings({ enableConnectProtocol: true });
  server.on("stream", onStream);
  server.on("connect", onCompatConnect);
  return () => {
    server.off("stream", onStream);
    server.off("connect", onCompatConnect);
  };
}

/** Answers an extended CONNECT; frames may follow at once. */
export function acceptConnect(stream: ServerHttp2Stream, { protocol, extensions }: UpgradeChoice): void {
  stream.respond({
    ":status": 200,
    ...(protocol !== "" && { "sec-websocket-protocol": protocol }),
    ...(extensions !== "" && { "sec-websocket-extensions": extensions }),
  });
  // A browser never ends its direction, not even after the close handshake: the stream would stay.
  stream.once("finish", () => stream.close());
}

/** Refuses an extended CONNECT. */
export function refuseConnect(stream: ServerHttp2Stream, { status, message, headers }: Refusal): void {
  stream.on("error", () => stream.destroy());
  if (stream.destroyed) return;
  const lowerCase = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  stream.respond({
    ":status": status,
    "content-type": "text/plain; charset=utf-8",
    ...Object.fromEntries(lowerCase),
  });
  stream.end(`${message}\n`);
}

function isWebSocket(headers: IncomingHttpHeaders): boolean {
  return headers[":method"] === "CONNECT" && headers[":protocol"] === "websocket";
}

/** The request as applications know it from HTTP/1.1. */
function requestOf(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): IncomingMessage {
  const request = new IncomingMessage(stream.session?.socket as Socket);
  request.method = "CONNECT";
  request.url = headers[":path"] ?? "/";
  request.httpVersion = "2.0";
  request.httpVersionMajor = 2;
  request.httpVersionMinor = 0;
  const { ":authority": host, ...rest } = headers;
  request.headers = Object.fromEntries(Object.entries(rest).filter(([name]) => !name.startsWith(":")));
  if (host !== undefined) request.headers.host ??= host;
  return request;
}
