import { byteLength } from "../backlog.ts";

/** A close frame's reason is at most this many bytes of UTF-8 (RFC 6455 §5.5). */
const MAX_REASON_BYTES = 123;
/** A subprotocol is a token (RFC 6455 §4.1, RFC 7230 §3.2.6). */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** The address that a page's WebSocket would make of one (WHATWG WebSockets §3.1), or its `SyntaxError`. */
export function webSocketUrl(address: string | URL, pageUrl: string | undefined): string {
  let url: URL;
  try {
    url = new URL(address, pageUrl);
  } catch {
    throw new DOMException(`"${String(address)}" is not the URL of a WebSocket server.`, "SyntaxError");
  }
  if (url.protocol === "http:") url.protocol = "ws:";
  if (url.protocol === "https:") url.protocol = "wss:";
  if (url.protocol !== "ws:" && url.protocol !== "wss:") {
    const message = `A WebSocket server's URL begins with ws:, wss:, http: or https:, not "${url.protocol}".`;
    throw new DOMException(message, "SyntaxError");
  }
  if (url.href.includes("#")) {
    throw new DOMException(`A WebSocket server's URL has no fragment: "${url.href}".`, "SyntaxError");
  }
  return url.href;
}

/** The subprotocols as a list, if they are different tokens; a `SyntaxError` as a page's otherwise. */
export function subprotocols(given: string | readonly string[]): readonly string[] {
  const names = typeof given === "string" ? [given] : given.map(String);
  for (const [at, name] of names.entries()) {
    if (!TOKEN.test(name))
      throw new DOMException(`"${name}" is not the name of a subprotocol.`, "SyntaxError");
    if (names.indexOf(name) < at)
      throw new DOMException(`The subprotocol "${name}" is there twice.`, "SyntaxError");
  }
  return names;
}

/** Throws what a page's `close` throws for a code or a reason that it may not send (WHATWG WebSockets §3.1). */
export function checkClose(code: number | undefined, reason: string | undefined): void {
  if (code !== undefined && code !== 1000 && !(code >= 3000 && code <= 4999)) {
    const message = `The close code must be 1000, or from 3000 to 4999, not ${String(code)}.`;
    throw new DOMException(message, "InvalidAccessError");
  }
  if (reason !== undefined && byteLength(reason) > MAX_REASON_BYTES) {
    throw new DOMException(`A close reason has at most ${MAX_REASON_BYTES} bytes.`, "SyntaxError");
  }
}
