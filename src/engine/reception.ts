import type { ServerResponse } from "node:http";
import { overload } from "./admission.ts";
import type { FindOrigin } from "./client-address.ts";
import type { Door } from "./door.ts";
import { CLIENT_GONE, type Handshakes } from "./handshake.ts";
import {
  type AnswerHeaders,
  HttpExchange,
  type HttpExchangeOptions,
  hasLeft,
  refuseRequest,
} from "./http-exchange.ts";
import { type MiddlewareChain, UpgradeResponse } from "./middleware.ts";
import {
  asksForLink,
  checkRequest,
  type EngineRequest,
  refusal,
  REQUEST_ERRORS,
  type RequestRefusal,
  type RequestRules,
  sessionRequest,
  withQuery,
} from "./request-check.ts";
import type { Sessions } from "./sessions.ts";
import type { Transport } from "./transport.ts";

/** What a reception tells the one who made it. */
export interface ReceptionEvents {
  /** The headers of an answer; they may be changed. `id` is given for the answer that begins a session, over HTTP. */
  onHeaders(headers: AnswerHeaders, request: EngineRequest, isInitial: boolean, id?: string): void;
  /** Whether anybody would look at those of an answer that begins no session. */
  hearsHeaders(): boolean;
  /** A request was refused; the client has been answered. */
  onRefused(request: EngineRequest, refusal: RequestRefusal): void;
  /** The application gave something that can't be. */
  onApplicationError(error: unknown, what: string): void;
}

/** What a reception works with. */
export interface ReceptionParts {
  readonly sessions: Sessions;
  readonly rules: RequestRules;
  readonly handshakes: Handshakes;
  readonly middleware: MiddlewareChain;
  readonly exchange: HttpExchangeOptions;
  readonly keepRequest: boolean;
  readonly findOrigin: FindOrigin;
  /** Whether the server goes, so that who is refused had better ask another one. */
  readonly isLeaving: () => boolean;
}

type Refuse = (refusal: RequestRefusal) => void;

/** Takes requests and upgrades through all checks, to their session or to a refusal. */
export class Reception {
  readonly #parts: ReceptionParts;
  readonly #events: ReceptionEvents;

  constructor(parts: ReceptionParts, events: ReceptionEvents) {
    this.#parts = parts;
    this.#events = events;
  }

  /** Answers an HTTP request. */
  receiveRequest(request: EngineRequest, response: ServerResponse): void {
    const { middleware } = this.#parts;
    if (middleware.isEmpty) {
      this.#checkRequest(request, response);
      return;
    }
    middleware.run(request, response, (error) => {
      if (error === undefined) this.#checkRequest(request, response);
      else this.#refuse(request, response, middlewareFailure(error));
    });
  }

  /** Answers an upgrade. */
  receiveDoor(door: Door): void {
    const request = withQuery(door.request);
    const refuse: Refuse = (why) => {
      // Clients know this error of an upgrade by its text alone.
      const status = why.code === REQUEST_ERRORS.forbidden.code ? 400 : why.status;
      door.refuse({ ...why, status });
      this.#events.onRefused(request, why);
    };
    const { middleware } = this.#parts;
    if (middleware.isEmpty) {
      this.#checkUpgrade(request, door, undefined, refuse);
      return;
    }
    const response = new UpgradeResponse(request, ({ status, body, headers }) => {
      door.refuse({ status, message: body, headers });
    });
    middleware.run(request, response, (error) => {
      if (error === undefined) this.#checkUpgrade(request, door, response, refuse);
      else refuse(middlewareFailure(error));
    });
  }

  #refuse(request: EngineRequest, response: ServerResponse, why: RequestRefusal): void {
    if (this.#parts.isLeaving()) response.shouldKeepAlive = false;
    refuseRequest(response, why);
    this.#events.onRefused(request, why);
  }

  #checkRequest(request: EngineRequest, response: ServerResponse): void {
    const { sessions, rules, handshakes, exchange } = this.#parts;
    const { sid = "", transport } = request._query;
    const session = sessions.get(sid);
    const wrong = checkRequest(request, false, rules, session);
    if (wrong !== undefined) {
      this.#refuse(request, response, wrong);
      return;
    }
    const kind = transport === "sse" ? "sse" : "polling";
    if (session === undefined) {
      const isThere = (): boolean => !hasLeft(response);
      const refuse: Refuse = (why) => this.#refuse(request, response, why);
      handshakes.receive({ request, isThere, refuse }, (id) => this.#open(id, request, response, kind));
      return;
    }
    const onHeaders = this.#events.hearsHeaders()
      ? (headers: AnswerHeaders): void => this.#events.onHeaders(headers, request, false)
      : undefined;
    session.receiveExchange(new HttpExchange(request, response, exchange, onHeaders), kind);
  }

  /** Begins a session on a request. */
  #open(id: string, request: EngineRequest, response: ServerResponse, kind: "polling" | "sse"): void {
    const { sessions, rules, keepRequest, findOrigin, exchange: exchangeOptions } = this.#parts;
    const link = this.#isLink(request);
    const exchange = new HttpExchange(request, response, exchangeOptions, (headers) => {
      this.#events.onHeaders(headers, request, true, id);
    });
    const transport = sessions.createTransport(kind, link);
    const canUpgrade = rules.allowUpgrades && rules.transports.includes("websocket");
    const upgrades = canUpgrade ? (["websocket"] as const) : [];
    sessions.open(transport, {
      id,
      request: sessionRequest(request, findOrigin(request), keepRequest),
      link,
      upgrades,
    });
    transport.receiveExchange(exchange);
  }

  #checkUpgrade(
    request: EngineRequest,
    door: Door,
    response: UpgradeResponse | undefined,
    refuse: Refuse,
  ): void {
    const { sessions, rules, handshakes, keepRequest, findOrigin } = this.#parts;
    const session = sessions.get(request._query["sid"] ?? "");
    const wrong = checkRequest(request, true, rules, session);
    if (wrong !== undefined) {
      refuse(wrong);
      return;
    }
    if (session !== undefined) {
      const transport = this.#accept(request, door, response, false, refuse);
      if (transport !== undefined) session.receiveWebSocket(transport);
      return;
    }
    handshakes.receive({ request, isThere: () => door.isOpen, refuse }, (id) => {
      const kept = sessionRequest(request, findOrigin(request), keepRequest);
      const transport = this.#accept(request, door, response, true, refuse);
      if (transport === undefined) return;
      sessions.open(transport, { id, request: kept, link: this.#isLink(request), upgrades: [] });
    });
  }

  /** Completes the handshake of a WebSocket; undefined if it was refused. */
  #accept(
    request: EngineRequest,
    door: Door,
    response: UpgradeResponse | undefined,
    isInitial: boolean,
    refuse: Refuse,
  ): Transport | undefined {
    // It may have left while a middleware took its time: no event would ever end the connection.
    if (!door.isOpen) {
      refuse(CLIENT_GONE);
      return undefined;
    }
    const wrong = door.check();
    if (wrong !== undefined) {
      const { status, message, headers = {} } = wrong;
      const { code } = REQUEST_ERRORS.badRequest;
      refuse({ status, code, message, headers, context: { name: "TRANSPORT_HANDSHAKE_ERROR" } });
      return undefined;
    }
    // Some middleware sets its headers only now.
    response?.writeHead(101);
    const headers: AnswerHeaders = response?.headers() ?? {};
    this.#events.onHeaders(headers, request, isInitial);
    try {
      return door.accept(headers);
    } catch (error) {
      this.#events.onApplicationError(error, "The headers of an answer can't be sent.");
      refuse(overload("The server could not answer.", "INVALID_HEADERS", 500));
      return undefined;
    }
  }

  #isLink(request: EngineRequest): boolean {
    return this.#parts.rules.link && asksForLink(request._query);
  }
}

function middlewareFailure(error: unknown): RequestRefusal {
  return refusal(REQUEST_ERRORS.badRequest, { name: "MIDDLEWARE_FAILURE", error });
}
