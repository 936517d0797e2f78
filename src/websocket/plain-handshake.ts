import type { IncomingMessage } from "node:http";
import type { ServerHttp2Stream } from "node:http2";
import type { Duplex } from "node:stream";
import { checkConnectRequest, checkUpgradeRequest, HandshakeError } from "../protocol/index.ts";
import { upgradeResponse, writeUpgradeResponse } from "./upgrade.ts";

/** Headers to add to an answer, by name. */
export type ExtraHeaders = Readonly<Record<string, string | readonly string[]>>;

const NO_CHOICE = { protocol: "", deflate: undefined, extensions: "" };

/** Checks an opening handshake over HTTP/1.1; returns why it is to be refused, if it is. */
export function checkPlainUpgrade(request: IncomingMessage): HandshakeError | undefined {
  return failureOf(() => checkUpgradeRequest(request));
}

/** Checks an extended CONNECT (RFC 8441); returns why it is to be refused, if it is. */
export function checkPlainConnect(request: IncomingMessage): HandshakeError | undefined {
  return failureOf(() => checkConnectRequest(request.headers));
}

/**
 * Completes an opening handshake that {@link checkPlainUpgrade} has found right, with no subprotocol and no extension; frames may follow at
 * once. The headers are sent as they are.
 */
export function acceptPlainUpgrade(request: IncomingMessage, stream: Duplex, headers: ExtraHeaders): void {
  const lines = upgradeResponse(String(request.headers["sec-websocket-key"]), NO_CHOICE);
  for (const [name, value] of Object.entries(headers)) {
    for (const one of typeof value === "string" ? [value] : value) lines.push(`${name}: ${one}`);
  }
  writeUpgradeResponse(stream, lines);
}

/** The same for one that {@link checkPlainConnect} has found right. */
export function acceptPlainConnect(stream: ServerHttp2Stream, headers: ExtraHeaders): void {
  const lowerCase = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  stream.respond({ ":status": 200, ...Object.fromEntries(lowerCase) });
  // A browser never ends its direction, not even after the close handshake: the stream would stay.
  stream.once("finish", () => stream.close());
}

function failureOf(check: () => unknown): HandshakeError | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof HandshakeError) return error;
    throw error;
  }
}
