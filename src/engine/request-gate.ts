import type { IncomingMessage, ServerResponse } from "node:http";
import { noteUse } from "./unused-connections.ts";

/** Somebody who answers some of the requests to an HTTP server. */
export interface RequestTaker {
  shouldHandle(request: IncomingMessage): boolean;
  handleRequest(request: IncomingMessage, response: ServerResponse): void;
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** An HTTP server, as far as its requests go. */
export interface RequestSource {
  on(name: "request", listener: Listener): unknown;
  off(name: "request", listener: Listener): unknown;
  removeAllListeners(name: "request"): unknown;
  listeners(name: "request"): unknown[];
  listenerCount(name: "request"): number;
}

const gates = new WeakMap<RequestSource, RequestGate>();

/**
 * Has the requests that are `taker`'s answered by it; request listeners that the server has already get only the others. Returns what undoes
 * it; takers may leave in any order.
 */
export function takeRequests(http: RequestSource, taker: RequestTaker): () => void {
  let gate = gates.get(http);
  if (gate === undefined) gates.set(http, (gate = new RequestGate(http)));
  gate.add(taker);
  return () => gate.remove(taker);
}

/** Stands before the request listeners of one HTTP server. */
class RequestGate {
  readonly #http: RequestSource;
  readonly #others: readonly Listener[];
  readonly #takers = new Set<RequestTaker>();

  constructor(http: RequestSource) {
    this.#http = http;
    this.#others = http.listeners("request") as Listener[];
    http.removeAllListeners("request");
    http.on("request", this.#onRequest);
  }

  add(taker: RequestTaker): void {
    this.#takers.add(taker);
  }

  /** The last one that leaves opens the gate. */
  remove(taker: RequestTaker): void {
    this.#takers.delete(taker);
    // Who has put its own gate before ours still calls us: then it stays, and lets everything through.
    if (this.#takers.size > 0 || !this.#http.listeners("request").includes(this.#onRequest)) return;
    gates.delete(this.#http);
    this.#http.off("request", this.#onRequest);
    for (const listener of this.#others) this.#http.on("request", listener);
  }

  readonly #onRequest: Listener = (request, response) => {
    noteUse(this.#http, request.socket);
    for (const taker of this.#takers) {
      if (!taker.shouldHandle(request)) continue;
      taker.handleRequest(request, response);
      return;
    }
    // With listeners that were added later, one of them will answer.
    if (this.#others.length === 0 && this.#http.listenerCount("request") === 1) {
      response.writeHead(404, { "Content-Length": 0 });
      response.end();
      return;
    }
    for (const listener of this.#others) listener.call(this.#http, request, response);
  };
}
