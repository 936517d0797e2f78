import type { IncomingMessage } from "node:http";
import type { Origin } from "./client-address.ts";
import type { SessionRequest } from "./session.ts";
import { SharedStrings } from "./shared-strings.ts";
import type { TransportName } from "./transport.ts";

/** The errors of Engine.IO v4 that a request can be answered with: code and message are on the wire. */
export const REQUEST_ERRORS = {
  unknownTransport: { status: 400, code: 0, message: "Transport unknown" },
  unknownSession: { status: 400, code: 1, message: "Session ID unknown" },
  badMethod: { status: 400, code: 2, message: "Bad handshake method" },
  badRequest: { status: 400, code: 3, message: "Bad request" },
  forbidden: { status: 403, code: 4, message: "Forbidden" },
  unsupportedVersion: { status: 400, code: 5, message: "Unsupported protocol version" },
} as const;

/** Why a request is refused: what it is answered with, and more about it for the application. */
export interface RequestRefusal {
  readonly status: number;
  readonly code: number;
  readonly message: string;
  readonly context: Readonly<Record<string, unknown>>;
  /** Headers of the answer. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A refusal with an error of the table. */
export function refusal(
  error: (typeof REQUEST_ERRORS)[keyof typeof REQUEST_ERRORS],
  context: RequestRefusal["context"] = {},
): RequestRefusal {
  return { ...error, context };
}

/** The query of a request, by name; of several values the last. It has no prototype. */
export type RequestQuery = Readonly<Record<string, string | undefined>>;

/** A request to an engine, as middleware, `allowRequest` and `generateId` see it. */
export interface EngineRequest extends IncomingMessage {
  /** The query, by the name that Engine.IO gives it: without `sid`, it is a handshake. */
  _query: RequestQuery;
  /**
   * What a middleware leaves here is kept with the session that the request begins, as `request.context`, when the request itself is long gone.
   *
   * @example
   * io.engine.use((request, _response, next) => {
   *   request.context = { user: request.session.user };
   *   next();
   * });
   */
  context?: unknown;
}

/** Reads the query of a request, once. */
export function withQuery(request: IncomingMessage): EngineRequest {
  const known = request as IncomingMessage & { _query?: RequestQuery };
  known._query ??= queryOf(request.url ?? "");
  return known as EngineRequest;
}

/** What stands for something else in a query, and what is not ASCII. */
const ENCODED = /[^!-$&-*,-~]/;

/** Objects without inherited names; unlike those of `Object.create(null)` they have a shape. */
function Query(this: Record<string, string>): void {}
Query.prototype = Object.create(null);

/** The query of a URL, by name; of several values the last. */
export function queryOf(url: string): RequestQuery {
  const query = new (Query as unknown as new () => Record<string, string>)();
  const start = url.indexOf("?");
  if (start < 0) return query;
  const text = url.slice(start + 1);
  if (ENCODED.test(text)) for (const [name, value] of new URLSearchParams(text)) query[name] = value;
  else readPlain(text, query);
  return query;
}

/** The same as `URLSearchParams` makes of a query in which nothing is encoded. */
function readPlain(text: string, query: Record<string, string>): void {
  for (let start = 0; start < text.length;) {
    const next = text.indexOf("&", start);
    const end = next < 0 ? text.length : next;
    const equals = text.indexOf("=", start);
    if (equals >= 0 && equals < end) query[text.slice(start, equals)] = text.slice(equals + 1, end);
    else if (start < end) query[text.slice(start, end)] = "";
    start = end + 1;
  }
}

/** What a server takes. */
export interface RequestRules {
  readonly transports: readonly TransportName[];
  readonly allowUpgrades: boolean;
  /** Whether links, and with them event streams, are taken. */
  readonly link: boolean;
}

/** A session, as far as a request that names it must know. */
export interface KnownSession {
  readonly isLink: boolean;
  readonly transportName: string;
  acceptsRequest(transport: string): boolean;
}

/** A character that no header may have (RFC 9110 §5.5). */
const INVALID_IN_HEADER = /[^\t\u0020-\u007E\u0080-\u00FF]/;

/**
 * Checks a request, in the order that clients rely on: transport, origin, session and its transport, method. Returns why it is
 * refused, if it is; `session` is the one that it names. Whether a handshake is let in, and its version, come after that: see `admission.ts`.
 */
export function checkRequest(
  { _query: query, method, headers }: EngineRequest,
  isUpgrade: boolean,
  rules: RequestRules,
  session: KnownSession | undefined,
): RequestRefusal | undefined {
  const { sid, transport = "" } = query;
  // An empty id is none, as in engine.io.
  const isHandshake = sid === undefined || sid === "";
  if (!isTransport(transport, query, isHandshake, session, rules)) {
    return refusal(REQUEST_ERRORS.unknownTransport, { transport: query["transport"] });
  }
  const { origin } = headers;
  if (origin !== undefined && INVALID_IN_HEADER.test(origin)) {
    return refusal(REQUEST_ERRORS.badRequest, { name: "INVALID_ORIGIN", origin });
  }
  if (isHandshake) return checkHandshake(method, transport, isUpgrade);
  if (session === undefined) return refusal(REQUEST_ERRORS.unknownSession, { sid });
  return checkSessionRequest(method, transport, isUpgrade, session, rules);
}

/** Checks the version of the protocol, which only handshakes must name. */
export function checkVersion(query: RequestQuery): RequestRefusal | undefined {
  return query["EIO"] === "4" ? undefined : refusal(REQUEST_ERRORS.unsupportedVersion, { protocol: 3 });
}

/** Whether a handshake asks for a link. */
export function asksForLink(query: RequestQuery): boolean {
  return query["link"] === "1";
}

function isTransport(
  name: string,
  query: RequestQuery,
  isHandshake: boolean,
  session: KnownSession | undefined,
  { transports, link }: RequestRules,
): name is TransportName {
  if (name !== "sse") return (transports as readonly string[]).includes(name);
  if (!link || !(transports.includes("sse") || transports.includes("polling"))) return false;
  return isHandshake ? asksForLink(query) : session?.isLink !== false;
}

function checkHandshake(
  method: string | undefined,
  transport: string,
  isUpgrade: boolean,
): RequestRefusal | undefined {
  // Over HTTP/2 an upgrade is a CONNECT.
  if (method !== "GET" && !(isUpgrade && method === "CONNECT")) {
    return refusal(REQUEST_ERRORS.badMethod, { method });
  }
  if ((transport === "websocket") === isUpgrade) return undefined;
  return refusal(REQUEST_ERRORS.badRequest, { name: "TRANSPORT_HANDSHAKE_ERROR" });
}

function checkSessionRequest(
  method: string | undefined,
  transport: string,
  isUpgrade: boolean,
  session: KnownSession,
  { allowUpgrades }: RequestRules,
): RequestRefusal | undefined {
  if (isUpgrade) {
    // A link that was on a WebSocket comes back to one: that is no upgrade.
    const comesBack = session.isLink && session.transportName === "websocket";
    return transport === "websocket" && (allowUpgrades || comesBack)
      ? undefined
      : mismatch(transport, session);
  }
  if (transport === "websocket" || !session.acceptsRequest(transport)) return mismatch(transport, session);
  return method === "GET" || method === "POST" ? undefined : refusal(REQUEST_ERRORS.badRequest, { method });
}

function mismatch(transport: string, { transportName: previousTransport }: KnownSession): RequestRefusal {
  return refusal(REQUEST_ERRORS.badRequest, { name: "TRANSPORT_MISMATCH", transport, previousTransport });
}

/** What is kept of the request that began a session. */
export interface KeptRequest extends SessionRequest {
  /** The request itself, with the option `keepRequest`. */
  readonly raw?: IncomingMessage;
}

const strings = new SharedStrings();

/** Keeps of a request what a session needs, so that the request itself can be let go. */
export function sessionRequest(
  request: EngineRequest,
  { address, secure }: Origin,
  keepRequest: boolean,
): KeptRequest {
  const kept: KeptRequest = {
    url: strings.share(request.url ?? "/"),
    headers: shareValues(request.httpVersionMajor === 2 ? plainHeaders(request) : request.headers),
    address: strings.share(address),
    secure,
    issuedAtMs: Date.now(),
  };
  if (request.context === undefined && !keepRequest) return kept;
  return { ...kept, context: request.context, ...(keepRequest && { raw: request }) };
}

function shareValues(headers: IncomingMessage["headers"]): IncomingMessage["headers"] {
  for (const name in headers) {
    const value = headers[name];
    if (typeof value === "string") headers[name] = strings.share(value);
  }
  return headers;
}

/** The headers of a request over HTTP/2 by the names of HTTP/1.1. */
function plainHeaders({ headers }: IncomingMessage): IncomingMessage["headers"] {
  const host = headers.host ?? headers[":authority"];
  const plain = Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith(":")));
  return host === undefined ? plain : { ...plain, host: String(host) };
}
