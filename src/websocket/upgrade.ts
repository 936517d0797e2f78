import { createHash } from "node:crypto";
import { type IncomingMessage, STATUS_CODES } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { checkUpgradeRequest, HANDSHAKE_GUID, type HandshakeError } from "../protocol/index.ts";
import type { Clock } from "../shared/clock.ts";

/** How long a refused peer may take to read the answer before its stream is destroyed. */
const REFUSAL_LINGER_MS = 2000;

/** The Sec-WebSocket-Accept value that belongs to a key (RFC 6455 §4.2.2, step 5.4). */
export function acceptValue(key: string): string {
  return createHash("sha1")
    .update(key + HANDSHAKE_GUID)
    .digest("base64");
}

/**
 * Checks and completes an opening handshake on the server's side; frames may follow at once. Returns the subprotocol
 * that was agreed on. Throws `HandshakeError` for a bad one, which then is to be refused.
 */
export function acceptUpgrade(
  request: IncomingMessage,
  stream: Duplex,
  chooseProtocol: (offered: readonly string[]) => string = () => "",
): string {
  const { key, protocols } = checkUpgradeRequest(request);
  const protocol = protocols.length === 0 ? "" : chooseProtocol(protocols);
  const lines = [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${acceptValue(key)}`,
  ];
  if (protocol !== "") lines.push(`Sec-WebSocket-Protocol: ${protocol}`);
  prepareStream(stream);
  stream.write(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
  return protocol;
}

/** Real-time frames must not wait for Nagle's algorithm, and idle connections are not errors. */
export function prepareStream(stream: Duplex): void {
  if (!(stream instanceof Socket)) return;
  stream.setTimeout(0);
  stream.setNoDelay(true);
}

/** Answers a handshake that can't be accepted with a complete HTTP response, and ends the stream. */
export function refuseUpgrade(
  stream: Duplex,
  clock: Clock,
  refusal: Pick<HandshakeError, "status" | "message" | "headers">,
): void {
  const body = `${refusal.message}\n`;
  const lines = [
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? "Error"}`,
    "Connection: close",
    "Content-Type: text/plain; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  for (const [name, value] of Object.entries(refusal.headers)) lines.push(`${name}: ${value}`);
  // The peer may be gone already: there is nobody to tell.
  stream.on("error", () => stream.destroy());
  const timer = clock.setTimeout(() => stream.destroy(), REFUSAL_LINGER_MS);
  stream.once("close", () => timer.cancel());
  // Unread input at the end would reset the stream and might lose the answer.
  stream.resume();
  stream.end(`${lines.join("\r\n")}\r\n\r\n${body}`);
}

/** The path of a request, without its query. */
export function pathOf(request: IncomingMessage): string {
  const url = request.url ?? "/";
  const end = url.indexOf("?");
  return end < 0 ? url : url.slice(0, end);
}
