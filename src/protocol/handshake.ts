import { HandshakeError } from "./errors.ts";
import { type Extension, parseExtensions } from "./extensions.ts";
import { checkDeflateAnswer, type DeflateParameters, type DeflateWishes } from "./permessage-deflate.ts";

/** What the accept value is the SHA-1 of, after the key (RFC 6455 §1.3). */
export const HANDSHAKE_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** Header names in lower case, as Node gives them. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The part of an HTTP request that the opening handshake is about. */
export interface UpgradeRequest {
  readonly method?: string | undefined;
  readonly httpVersion: string;
  readonly headers: Headers;
  /** Names and values in turn, as they came: Node keeps only the first of two Hosts in `headers`. */
  readonly rawHeaders?: readonly string[];
}

/** What a client offers in a valid opening handshake. */
export interface UpgradeOffer {
  readonly key: string;
  /** The subprotocols, most wanted first; none is offered twice. */
  readonly protocols: readonly string[];
  /** The extensions, most wanted first. */
  readonly extensions: readonly Extension[];
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
  // RFC 7230 §5.4.
  if (hosts(request.rawHeaders) > 1) throw bad('There must be only one "Host" header.');
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
  const extensions = headers["sec-websocket-extensions"];
  return {
    key,
    protocols: parseProtocols(headers["sec-websocket-protocol"]),
    extensions: extensions === undefined ? [] : parseExtensions(String(extensions)),
  };
}

/**
 * Checks the headers of an extended CONNECT, the opening handshake over HTTP/2 (RFC 8441 §5): no key, and no version but 13.
 * Throws `HandshakeError` (400).
 */
export function checkConnectRequest(headers: Headers): Omit<UpgradeOffer, "key"> {
  if (single(headers["sec-websocket-version"]) !== "13") {
    throw new HandshakeError(
      "WS_ERR_HANDSHAKE_VERSION",
      400,
      'This server speaks WebSocket version 13; the "sec-websocket-version" header must say so.',
      { "sec-websocket-version": "13" },
    );
  }
  const extensions = headers["sec-websocket-extensions"];
  return {
    protocols: parseProtocols(headers["sec-websocket-protocol"]),
    extensions: extensions === undefined ? [] : parseExtensions(String(extensions)),
  };
}

/** What a client must see in the answer to its handshake. */
export interface UpgradeExpectation {
  /** The accept value that belongs to the key that was sent. */
  readonly accept: string;
  /** The subprotocols that were offered. */
  readonly protocols: readonly string[];
  /** What was offered of permessage-deflate, if it was. */
  readonly deflate?: DeflateWishes | undefined;
}

/** What a server has chosen. */
export interface UpgradeAnswer {
  /** The subprotocol, "" for none. */
  readonly protocol: string;
  /** The parameters of permessage-deflate, if it was chosen. */
  readonly deflate: DeflateParameters | undefined;
}

/**
 * Checks a server's answer (RFC 6455 §4.1) and returns what it has chosen.
 * Throws `HandshakeError` if the connection must be failed.
 */
export function checkUpgradeResponse(
  status: number,
  headers: Headers,
  expected: UpgradeExpectation,
): UpgradeAnswer {
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
  return {
    protocol: chosenProtocol(status, single(headers["sec-websocket-protocol"]), expected.protocols),
    deflate: chosenDeflate(status, headers["sec-websocket-extensions"], expected.deflate),
  };
}

function chosenProtocol(status: number, protocol: string | undefined, offered: readonly string[]): string {
  if (protocol === undefined) return "";
  if (offered.includes(protocol)) return protocol;
  throw badResponse(status, `The server chose a subprotocol that was not offered: "${protocol}".`);
}

function chosenDeflate(
  status: number,
  header: string | readonly string[] | undefined,
  offered: DeflateWishes | undefined,
): DeflateParameters | undefined {
  if (header === undefined) return undefined;
  if (offered === undefined) throw badResponse(status, "The server chose an extension that was not offered.");
  let extensions: Extension[];
  try {
    extensions = parseExtensions(String(header));
  } catch {
    throw badResponse(status, "The server's Sec-WebSocket-Extensions header is malformed.");
  }
  return checkDeflateAnswer(extensions, offered);
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

function hosts(rawHeaders: readonly string[] = []): number {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!;
    if (name.length === 4 && name.toLowerCase() === "host") count += 1;
  }
  return count;
}

function hasToken(header: string | readonly string[] | undefined, token: string): boolean {
  if (header === undefined) return false;
  // Nearly always it is alone.
  if (typeof header === "string" && header.toLowerCase() === token) return true;
  return listOf(header).some((item) => item.toLowerCase() === token);
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
