import { randomBytes } from "node:crypto";
import { type ClientRequest, type IncomingMessage, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Duplex } from "node:stream";
import { checkUpgradeResponse, HandshakeError, isToken } from "../protocol/index.ts";
import type { Clock } from "../shared/clock.ts";
import { acceptValue, prepareStream } from "./upgrade.ts";

/** What a client's opening handshake is made of. */
export interface ClientHandshakeOptions {
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly handshakeTimeoutMs: number;
  readonly clock: Clock;
}

/** Called once, with either the result or the error. */
export interface ClientHandshakeHandler {
  onUpgraded(stream: Duplex, head: Buffer, protocol: string): void;
  onFailed(error: Error): void;
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
  options: ClientHandshakeOptions,
  handler: ClientHandshakeHandler,
): () => void {
  const key = randomBytes(16).toString("base64");
  const secure = url.protocol === "wss:";
  const request: ClientRequest = (secure ? httpsRequest : httpRequest)({
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? (secure ? 443 : 80) : Number(url.port),
    path: url.pathname + url.search,
    agent: false,
    headers: {
      ...options.headers,
      Host: url.host,
      Connection: "Upgrade",
      Upgrade: "websocket",
      "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Key": key,
      ...(protocols.length > 0 && { "Sec-WebSocket-Protocol": protocols.join(",") }),
      ...(url.username !== "" && {
        Authorization: `Basic ${Buffer.from(
          `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`,
        ).toString("base64")}`,
      }),
    },
  });

  let settled = false;
  const settle = (): boolean => {
    if (settled) return false;
    settled = true;
    timer.cancel();
    return true;
  };
  const fail = (error: Error): void => {
    if (!settle()) return;
    request.destroy();
    handler.onFailed(error);
  };
  const timer = options.clock.setTimeout(
    () =>
      fail(
        new HandshakeError(
          "WS_ERR_HANDSHAKE_TIMEOUT",
          0,
          `The server did not answer the opening handshake within ${options.handshakeTimeoutMs} ms.`,
        ),
      ),
    options.handshakeTimeoutMs,
  );
  const check = (response: IncomingMessage): string =>
    checkUpgradeResponse(response.statusCode ?? 0, response.headers, {
      accept: acceptValue(key),
      protocols,
    });

  request.on("error", fail);
  request.on("response", (response: IncomingMessage) => {
    response.resume();
    try {
      check(response);
    } catch (error) {
      fail(error as Error);
    }
  });
  request.on("upgrade", (response: IncomingMessage, stream: Duplex, head: Buffer) => {
    try {
      const protocol = check(response);
      if (!settle()) {
        stream.destroy();
        return;
      }
      prepareStream(stream);
      handler.onUpgraded(stream, head, protocol);
    } catch (error) {
      stream.destroy();
      fail(error as Error);
    }
  });
  request.end();
  return () =>
    fail(new HandshakeError("WS_ERR_HANDSHAKE_REFUSED", 0, "Closed before the connection was open."));
}
