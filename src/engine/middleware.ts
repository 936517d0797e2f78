import { type IncomingMessage, ServerResponse } from "node:http";
import type { EngineRequest } from "./request-check.ts";

/**
 * A function in the way of Express: it looks at a request, may set headers of the answer, and calls `next`, with an error if the request must
 * be refused; or it answers the request itself and does not call `next`.
 */
export type Middleware = (
  request: EngineRequest,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => unknown;

/** The same by the types of Express, Connect and their middleware, which name more than a request of ours has. */
// `any`: which of it they use is not known here.
// oxlint-disable-next-line typescript/no-explicit-any
export type ConnectMiddleware = (request: any, response: any, next: any) => unknown;

/** The functions that every request and upgrade goes through, in the order in which they were added. */
export class MiddlewareChain {
  readonly #functions: Middleware[] = [];

  get isEmpty(): boolean {
    return this.#functions.length === 0;
  }

  /** Adds one. Throws a `TypeError` for what is no function. */
  add(middleware: Middleware): void {
    if (typeof middleware !== "function") throw new TypeError("A middleware must be a function.");
    this.#functions.push(middleware);
  }

  /**
   * Calls one after the other. `onDone` is called once, in the same turn if nobody needs longer, with what the first that failed gave to
   * `next`, threw or rejected with; it is not called if one has answered the request.
   */
  run(request: EngineRequest, response: ServerResponse, onDone: (error?: unknown) => void): void {
    const step = (index: number): void => {
      const middleware = this.#functions[index];
      if (middleware === undefined) {
        onDone();
        return;
      }
      let isDone = false;
      const next = (error?: unknown): void => {
        if (isDone) return;
        isDone = true;
        if (hasAnswered(response)) return;
        if (error === undefined || error === null || error === false) step(index + 1);
        else onDone(error);
      };
      const fail = (error: unknown): void => next(error ?? new Error("A middleware failed."));
      try {
        const result = middleware(request, response, next);
        if (isThenable(result)) result.then(undefined, fail);
      } catch (error) {
        fail(error);
      }
    };
    step(0);
  }
}

/** What a middleware answers an upgrade with. */
export interface UpgradeAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * What middleware gets for an upgrade, which has no response: headers that are set become those of the 101; if it is ended, the upgrade is
 * refused with what was written.
 */
export class UpgradeResponse extends ServerResponse {
  readonly #onAnswer: (answer: UpgradeAnswer) => void;
  #body = "";
  #isAnswered = false;

  constructor(request: IncomingMessage, onAnswer: (answer: UpgradeAnswer) => void) {
    super(request);
    this.#onAnswer = onAnswer;
  }

  /** Whether a middleware has answered. */
  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  /** The headers that were set, as they stand in an answer. */
  headers(): Record<string, string | string[]> {
    return Object.fromEntries(
      Object.entries(this.getHeaders()).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, Array.isArray(value) ? value.map(String) : String(value)]],
      ),
    );
  }

  override writeHead(status: number, ...rest: unknown[]): this {
    this.statusCode = status;
    const headers = rest.at(-1);
    if (typeof headers === "object" && headers !== null && !Array.isArray(headers)) {
      for (const [name, value] of Object.entries(headers)) this.setHeader(name, value as string);
    }
    return this;
  }

  override flushHeaders(): void {}

  override write(chunk: unknown): boolean {
    this.#body += textOf(chunk);
    return true;
  }

  override end(chunk?: unknown): this {
    if (this.#isAnswered) return this;
    this.#isAnswered = true;
    this.#body += textOf(chunk);
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(this.headers())) {
      // The body is sent as what it is: text of a known length.
      if (!/^(?:content-|connection$|transfer-encoding$)/.test(name)) headers[name] = String(value);
    }
    this.#onAnswer({ status: this.statusCode, body: this.#body, headers });
    return this;
  }
}

function hasAnswered(response: ServerResponse): boolean {
  return response instanceof UpgradeResponse
    ? response.isAnswered
    : response.headersSent || response.writableEnded;
}

function textOf(chunk: unknown): string {
  if (typeof chunk === "string") return chunk;
  return chunk instanceof Uint8Array ? Buffer.from(chunk).toString() : "";
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === "function";
}
