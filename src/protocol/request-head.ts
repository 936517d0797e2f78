import { HandshakeError } from "./errors.ts";

/** The head of an HTTP/1.1 request. */
export interface RequestHead {
  readonly method: string;
  /** The target as it came: path and query, or a whole URL. */
  readonly target: string;
  readonly httpVersion: "1.0" | "1.1";
  /** Names in lower case; a name that came several times has its values joined by commas. */
  readonly headers: Record<string, string>;
  /** Names and values in turn, as they came. */
  readonly rawHeaders: string[];
}

const REQUEST_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([\x21-\x7e]+) HTTP\/(1\.[01])$/;
const LINE_END = "\r\n";
/**
 * A header with the end of the line before it: read one after the other, without cutting the text into lines. What is visible and what is
 * blank take turns, and a blank can stand in one place only: so the time is proportional to the length, whatever comes.
 */
const HEADER_LINE =
  /\r\n([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*(?:([\x21-\x7e\x80-\xff]+(?:[ \t]+[\x21-\x7e\x80-\xff]+)*)[ \t]*)?(?=\r\n|$)/y;

/** The empty line that ends a head (RFC 9112 §2.1). */
export const END_OF_HEAD = "\r\n\r\n";

/**
 * Reads the head of a request (RFC 9112 §3, §5), without the empty line at its end; bytes stand as the characters of the same number.
 * Stricter than a server of pages would be: no bare line feeds, no folded lines. Throws `HandshakeError` (400).
 */
export function parseRequestHead(text: string): RequestHead {
  const firstEnd = text.indexOf(LINE_END);
  const request = REQUEST_LINE.exec(firstEnd < 0 ? text : text.slice(0, firstEnd));
  if (request === null) throw malformed("The request line is malformed.");
  // As in Node, a header by the name of `__proto__` is only in `rawHeaders`.
  const headers: Record<string, string> = {};
  const rawHeaders: string[] = [];
  let at = firstEnd < 0 ? text.length : firstEnd;
  while (at < text.length) {
    HEADER_LINE.lastIndex = at;
    const header = HEADER_LINE.exec(text);
    if (header === null) throw malformed("A header is malformed.");
    at = HEADER_LINE.lastIndex;
    const name = header[1]!;
    const value = header[2] ?? "";
    rawHeaders.push(name, value);
    const key = name.toLowerCase();
    const before: unknown = headers[key];
    headers[key] = typeof before === "string" ? `${before}, ${value}` : value;
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
