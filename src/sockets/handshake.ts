import type { SessionRequest } from "../engine/index.ts";

/** What is known of how a socket came to be. */
export interface Handshake {
  /** What the client gave as `auth`; never trust it unchecked. */
  readonly auth: Readonly<Record<string, unknown>>;
  /** The headers of the request that began the session. */
  readonly headers: SessionRequest["headers"];
  /** That request's path and query. */
  readonly url: string;
  /** That request's query. */
  readonly query: Readonly<Record<string, string>>;
  /** The client's address: the peer's, or what proxies that are trusted say (`trustProxy`). */
  readonly address: string;
  /** Whether the request came over TLS. */
  readonly secure: boolean;
  /** When the session began, in milliseconds since 1970. */
  readonly issued: number;
  /** The same for people. */
  readonly time: string;
  /** What a middleware of the engine left as `request.context`: a user, a session. */
  // `any`: what it is, the application knows.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly context: any;
}

/** Describes how a socket came to be. */
export function handshakeOf(request: SessionRequest, auth: Record<string, unknown>): Handshake {
  const question = request.url.indexOf("?");
  const query: Record<string, string> = Object.create(null);
  for (const [name, value] of new URLSearchParams(question < 0 ? "" : request.url.slice(question + 1))) {
    query[name] = value;
  }
  return {
    auth,
    headers: request.headers,
    url: request.url,
    query,
    address: request.address,
    secure: request.secure,
    issued: request.issuedAtMs,
    time: new Date(request.issuedAtMs).toString(),
    context: request.context,
  };
}
