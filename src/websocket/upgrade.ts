import { hash } from "node:crypto";
import { STATUS_CODES } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import {
  acceptDeflate,
  type DeflateParameters,
  type DeflateWishes,
  HANDSHAKE_GUID,
  type HandshakeError,
  type UpgradeOffer,
} from "../protocol/index.ts";
import type { Clock } from "../shared/clock.ts";
import { ownStream } from "./stream-owner.ts";

/** How long a refused peer may take to read the answer before its stream is destroyed. */
const REFUSAL_LINGER_MS = 2000;

/** The Sec-WebSocket-Accept value that belongs to a key (RFC 6455 §4.2.2, step 5.4). */
export function acceptValue(key: string): string {
  return hash("sha1", key + HANDSHAKE_GUID, "base64");
}

/** What a server chooses of what a client offers. */
export interface UpgradeChoice {
  /** The subprotocol, "" for none. */
  readonly protocol: string;
  readonly deflate: DeflateParameters | undefined;
  /** The extensions as they stand in the answer, "" for none. */
  readonly extensions: string;
}

/** Chooses; `chooseProtocol` is asked if subprotocols are offered. */
export function chooseUpgrade(
  offer: Pick<UpgradeOffer, "protocols" | "extensions">,
  chooseProtocol: (offered: readonly string[]) => string,
  wishes: DeflateWishes | undefined,
): UpgradeChoice {
  const deflate = wishes === undefined ? undefined : acceptDeflate(offer.extensions, wishes);
  return {
    protocol: offer.protocols.length === 0 ? "" : chooseProtocol(offer.protocols),
    deflate: deflate?.parameters,
    extensions: deflate?.answer ?? "",
  };
}

/** The lines of the answer that completes an opening handshake (RFC 6455 §4.2.2), without the empty one at its end. */
export function upgradeResponse(key: string, { protocol, extensions }: UpgradeChoice): string[] {
  const lines = [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${acceptValue(key)}`,
  ];
  if (protocol !== "") lines.push(`Sec-WebSocket-Protocol: ${protocol}`);
  if (extensions !== "") lines.push(`Sec-WebSocket-Extensions: ${extensions}`);
  return lines;
}

/** That answer, as the stream gets it. */
export function upgradeAnswer(lines: readonly string[]): string {
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/** Real-time frames must not wait for Nagle's algorithm, and idle connections are not errors. */
export function prepareStream(stream: Duplex): void {
  if (!(stream instanceof Socket)) return;
  if ((stream.timeout ?? 0) > 0) stream.setTimeout(0);
  stream.setNoDelay(true);
}

/** Why a handshake is refused: what to answer. */
export type Refusal = Pick<HandshakeError, "status" | "message" | "headers">;

/** Answers a handshake that can't be accepted with a complete HTTP response, and ends the stream. */
export function refuseUpgrade(stream: Duplex, clock: Clock, refusal: Refusal): void {
  // The peer may be gone already: there is nobody to tell.
  if (stream.destroyed) return;
  const body = `${refusal.message}\n`;
  const lines = [
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? "Error"}`,
    "Connection: close",
    "Content-Type: text/plain; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  for (const [name, value] of Object.entries(refusal.headers)) lines.push(`${name}: ${value}`);
  const timer = clock.setTimeout(() => stream.destroy(), REFUSAL_LINGER_MS);
  ownStream(stream, {
    receiveChunk: () => {},
    onStreamEnd: () => {},
    onStreamDrain: () => {},
    onStreamError: () => void stream.destroy(),
    onStreamClose: () => timer.cancel(),
  });
  // Unread input at the end would reset the stream and might lose the answer.
  stream.resume();
  stream.end(`${lines.join("\r\n")}\r\n\r\n${body}`);
}

/** The path of a request, without its query. */
export function pathOf(request: { readonly url?: string | undefined }): string {
  const url = request.url ?? "/";
  const end = url.indexOf("?");
  return end < 0 ? url : url.slice(0, end);
}
