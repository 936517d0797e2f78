import { HandshakeError } from "./errors.ts";

/** What the accept value is the SHA-1 of, after the key (RFC 6455 §1.3). */
export const HANDSHAKE_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** Header names in lower case, as Node gives them. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The part of an HTTP request that the opening handshake is about. */
export interface UpgradeRequest {
  readonly method?: string | undefined;
  readonly httpVersion: string;
  readonly headers: Headers;
}

/** What a client offers in a valid opening handshake. */
export interface UpgradeOffer {
  readonly key: string;
  /** The subprotocols, most wanted first; none is offered twice. */
  readonly protocols: readonly string[];
}

/** 16 bytes in base64: 22 characters and padding; the last character carries only 2 bits. */
const KEY = /^[A-Za-z0-9+/]{21}[AQgw]==$/;

/** A token (RFC 7230 §3.2.6). */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/**
 * Checks a client's opening handshake (RFC 6455 §4.2.1). Throws `HandshakeError` with the status to answer:
 * 405 for a wrong method, 426 for a wrong version, 400 for anything else.
 */
export function checkUpgradeRequest(request: UpgradeRequest): UpgradeOffer {
  if (request.method !== "GET") {
    throw new HandshakeError(
      "WS_ERR_HANDSHAKE_METHOD",
      405,
      `A WebSocket handshake is a GET request, not ${request.method ?? "a request without a method"}.`,
      { Allow: "GET" },
    );
  }
  const { headers } = request;
  if (Number(request.httpVersion) < 1.1) throw bad("A WebSocket handshake needs HTTP/1.1 or later.");
  if (headers["host"] === undefined) throw bad('The "Host" header is missing.');
  if (!hasToken(headers["upgrade"], "websocket")) {
    throw bad('The "Upgrade" header must contain "websocket".');
  }
  if (!hasToken(headers["connection"], "upgrade")) {
    throw bad('The "Connection" header must contain "Upgrade".');
  }
  if (single(headers["sec-websocket-version"]) !== "13") {
    throw new HandshakeError(
      "WS_ERR_HANDSHAKE_VERSION",
      426,
      'This server speaks WebSocket version 13; the "Sec-WebSocket-Version" header must say so.',
      { "Sec-WebSocket-Version": "13" },
    );
  }
  const key = single(headers["sec-websocket-key"]);
  if (key === undefined || !KEY.test(key)) {
    throw bad('The "Sec-WebSocket-Key" header must be 16 bytes in base64.');
  }
  return { key, protocols: parseProtocols(headers["sec-websocket-protocol"]) };
}

/** What a client must see in the answer to its handshake. */
export interface UpgradeExpectation {
  /** The accept value that belongs to the key that was sent. */
  readonly accept: string;
  /** The subprotocols that were offered. */
  readonly protocols: readonly string[];
}

/**
 * Checks a server's answer (RFC 6455 §4.1) and returns the subprotocol it chose, "" for none.
 * Throws `HandshakeError` if the connection must be failed.
 */
export function checkUpgradeResponse(status: number, headers: Headers, expected: UpgradeExpectation): string {
  if (status !== 101) throw badResponse(status, `The server answered ${status} instead of 101.`);
  if (single(headers["upgrade"])?.toLowerCase() !== "websocket") {
    throw badResponse(status, 'The server\'s "Upgrade" header is not "websocket".');
  }
  if (!hasToken(headers["connection"], "upgrade")) {
    throw badResponse(status, 'The server\'s "Connection" header does not contain "Upgrade".');
  }
  if (single(headers["sec-websocket-accept"]) !== expected.accept) {
    throw badResponse(status, "The server's Sec-WebSocket-Accept does not belong to our key.");
  }
  if (headers["sec-websocket-extensions"] !== undefined) {
    throw badResponse(status, "The server chose an extension that was not offered.");
  }
  const protocol = single(headers["sec-websocket-protocol"]);
  if (protocol === undefined) return "";
  if (!expected.protocols.includes(protocol)) {
    throw badResponse(status, `The server chose a subprotocol that was not offered: "${protocol}".`);
  }
  return protocol;
}

/** Whether a string can be the name of a subprotocol. */
export function isToken(value: string): boolean {
  return TOKEN.test(value);
}

function parseProtocols(header: string | readonly string[] | undefined): string[] {
  if (header === undefined) return [];
  const names = listOf(header);
  for (const [index, name] of names.entries()) {
    if (!TOKEN.test(name) || names.indexOf(name) !== index) {
      throw bad('The "Sec-WebSocket-Protocol" header must list different tokens.');
    }
  }
  return names;
}

function hasToken(header: string | readonly string[] | undefined, token: string): boolean {
  return header !== undefined && listOf(header).some((item) => item.toLowerCase() === token);
}

function listOf(header: string | readonly string[]): string[] {
  const text = typeof header === "string" ? header : header.join(",");
  return text.split(",").map((item) => item.trim());
}

function single(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === "string" ? header.trim() : undefined;
}

function bad(message: string): HandshakeError {
  return new HandshakeError("WS_ERR_HANDSHAKE_HEADER", 400, message);
}

function badResponse(status: number, message: string): HandshakeError {
  return new HandshakeError("WS_ERR_HANDSHAKE_RESPONSE", status, message);
}
