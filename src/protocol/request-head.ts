import { HandshakeError } from "./errors.ts";

/** The head of an HTTP/1.1 request. */
export interface RequestHead {
  readonly method: string;
  /** The target as it came: path and query, or a whole URL. */
  readonly target: string;
  readonly httpVersion: "1.0" | "1.1";
  /** Names in lower case; a name that came several times has its values joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
}

const REQUEST_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([\x21-\x7e]+) HTTP\/(1\.[01])$/;
const HEADER_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*$/;

/** The empty line that ends a head (RFC 9112 §2.1). */
export const END_OF_HEAD = "\r\n\r\n";

/**
 * Reads the head of a request (RFC 9112 §3, §5), without the empty line at its end; bytes stand as the characters of the same number.
 * Stricter than a server of pages would be: no bare line feeds, no folded lines. Throws `HandshakeError` (400).
 */
export function parseRequestHead(text: string): RequestHead {
  const lines = text.split("\r\n");
  const request = REQUEST_LINE.exec(lines[0]!);
  if (request === null) throw malformed("The request line is malformed.");
  const headers: Record<string, string> = Object.create(null);
  const rawHeaders: string[] = [];
  for (let index = 1; index < lines.length; index += 1) {
    const header = HEADER_LINE.exec(lines[index]!);
    if (header === null) throw malformed("A header is malformed.");
    const name = header[1]!;
    const value = header[2]!;
    rawHeaders.push(name, value);
    const key = name.toLowerCase();
    const before = headers[key];
    headers[key] = before === undefined ? value : `${before}, ${value}`;
  }
  return {
    method: request[1]!,
    target: request[2]!,
    httpVersion: request[3] as "1.0" | "1.1",
    headers,
    rawHeaders,
  };
}

function malformed(message: string): HandshakeError {
  return new HandshakeError("WS_ERR_HANDSHAKE_HEADER", 400, message);
}
