import type { IncomingMessage } from "node:http";
import type { SessionRequest } from "./session.ts";

/** The errors of Engine.IO v4 that a request can be answered with: the code and message are on the wire. */
export const REQUEST_ERRORS = {
  unknownTransport: { status: 400, code: 0, message: "Transport unknown" },
  unknownSession: { status: 400, code: 1, message: "Session ID unknown" },
  badMethod: { status: 400, code: 2, message: "Bad handshake method" },
  badRequest: { status: 400, code: 3, message: "Bad request" },
  unsupportedVersion: { status: 400, code: 5, message: "Unsupported protocol version" },
} as const;

export type RequestError = (typeof REQUEST_ERRORS)[keyof typeof REQUEST_ERRORS];

/** Checks a request's query in the order that clients rely on; returns the error to answer with, if any. */
export function checkRequest(
  request: IncomingMessage,
  isUpgrade: boolean,
  hasSession: (id: string) => boolean,
): RequestError | undefined {
  const query = new URLSearchParams(queryOf(request));
  if (query.get("transport") !== "websocket") return REQUEST_ERRORS.unknownTransport;
  const id = query.get("sid");
  if (id !== null) return hasSession(id) ? REQUEST_ERRORS.badRequest : REQUEST_ERRORS.unknownSession;
  if (request.method !== "GET") return REQUEST_ERRORS.badMethod;
  if (!isUpgrade) return REQUEST_ERRORS.badRequest;
  return query.get("EIO") === "4" ? undefined : REQUEST_ERRORS.unsupportedVersion;
}

/** Keeps of a request what a session needs, so that the request itself can be let go. */
export function sessionRequest(request: IncomingMessage): SessionRequest {
  return {
    url: request.url ?? "/",
    headers: request.headers,
    address: request.socket.remoteAddress ?? "",
    secure: "encrypted" in request.socket,
    issuedAtMs: Date.now(),
  };
}

function queryOf(request: IncomingMessage): string {
  const url = request.url ?? "";
  const start = url.indexOf("?");
  return start < 0 ? "" : url.slice(start + 1);
}
