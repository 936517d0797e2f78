import type { ServerResponse } from "node:http";
import type { Http2ServerResponse } from "node:http2";
import type { BodyFailure, Exchange, StreamedAnswer } from "./exchange.ts";
import type { HttpCompression } from "./http-compression.ts";
import { type BodyLimits, readBody } from "./request-body.ts";
import { type EngineRequest, REQUEST_ERRORS, type RequestRefusal } from "./request-check.ts";

/** The headers of an answer; listeners may change them before it leaves. */
export type AnswerHeaders = Record<string, string | string[]>;

/** How requests are read and answered. */
export interface HttpExchangeOptions extends BodyLimits {
  readonly compression: HttpCompression | undefined;
  /** Whether no further requests are wanted: answers end their connection then. */
  readonly isClosing: () => boolean;
  /** Told what went wrong with the answer, by the application's doing: a header that can't be. */
  readonly onApplicationError: (error: unknown, what: string) => void;
}

/** One request of a session and its answer, over HTTP/1.1 or, by Node's compatibility interface, HTTP/2. */
export class HttpExchange implements Exchange {
  readonly method: string;
  readonly contentType: string;
  onAbort: (() => void) | undefined;
  onOver: (() => void) | undefined;
  readonly #request: EngineRequest;
  readonly #response: ServerResponse;
  readonly #options: HttpExchangeOptions;
  readonly #onHeaders: ((headers: AnswerHeaders) => void) | undefined;
  #isAnswered = false;
  #isComplete = false;
  #isGone = false;
  /** The rest of the body will not be waited for. */
  #isTooSlow = false;

  /** `onHeaders` may change the headers of an answer that is not a refusal. */
  constructor(
    request: EngineRequest,
    response: ServerResponse,
    options: HttpExchangeOptions,
    onHeaders?: (headers: AnswerHeaders) => void,
  ) {
    this.#request = request;
    this.#response = response;
    this.#options = options;
    this.#onHeaders = onHeaders;
    this.method = request.method ?? "GET";
    this.contentType = (request.headers["content-type"] ?? "").split(";", 1)[0]!.trim().toLowerCase();
    this.#isGone = hasLeft(response);
    response.once("close", this.#onClose);
    // What is written to a peer that has gone.
    response.on("error", () => {});
  }

  get isOver(): boolean {
    return this.#isGone;
  }

  query(name: string): string | undefined {
    return this.#request._query[name];
  }

  readBody(onBody: (text: string) => void, onFailure: (failure: BodyFailure) => void): void {
    readBody(this.#request, this.#options, onBody, (failure) => {
      this.#isTooSlow = failure === "too slow";
      onFailure(failure);
    });
  }

  answer(text: string): void {
    if (!this.#begin()) return;
    const body = Buffer.from(text);
    const headers = this.#headers({
      "Content-Type": "text/plain; charset=UTF-8",
      "Cache-Control": "no-store",
    });
    const { compression } = this.#options;
    const accepted = this.#request.headers["accept-encoding"];
    const encoding = compression?.choose(accepted as string | undefined, body.length);
    if (compression === undefined || encoding === undefined) {
      this.#send(headers, body);
      return;
    }
    compression.compress(encoding, body, (compressed) => {
      if (compressed !== undefined) headers["Content-Encoding"] = encoding;
      this.#send(headers, compressed ?? body);
    });
  }

  refuse(status: number, message: string): void {
    if (!this.#begin()) return;
    const { code } = Object.values(REQUEST_ERRORS).find((error) => error.message === message) ?? {
      code: REQUEST_ERRORS.badRequest.code,
    };
    // Nobody waits for the rest of the body.
    const headers = this.#isTooSlow ? { Connection: "close" } : {};
    refuseRequest(this.#response, { status, code, message, context: {}, headers }, this.#onSent);
  }

  stream(): StreamedAnswer {
    const response = this.#response;
    const headers = this.#headers({
      "Content-Type": "text/event-stream",
      // A proxy that compressed or gathered it would keep it back.
      "Cache-Control": "no-store, no-transform",
      "X-Accel-Buffering": "no",
    });
    const isOpen = this.#begin() && this.#writeHead(headers);
    return {
      get bufferedBytes() {
        return response.writableLength;
      },
      write: (text) => {
        if (isOpen && !this.#isGone && !response.writableEnded) response.write(text);
      },
      end: () => {
        if (isOpen && !this.#isGone && !response.writableEnded) response.end(this.#onSent);
      },
    };
  }

  destroy(): void {
    if (!this.#isGone) this.#response.destroy();
  }

  /** Whether it may be answered, now and never again. */
  #begin(): boolean {
    if (this.#isAnswered) return false;
    this.#isAnswered = true;
    if (this.#options.isClosing()) this.#response.shouldKeepAlive = false;
    return !this.#isGone;
  }

  #headers(headers: AnswerHeaders): AnswerHeaders {
    this.#onHeaders?.(headers);
    return headers;
  }

  #send(headers: AnswerHeaders, body: Buffer): void {
    // It may have gone while the answer was compressed.
    if (this.#isGone || !this.#writeHead({ ...headers, "Content-Length": String(body.length) })) return;
    this.#response.end(body, this.#onSent);
  }

  #writeHead(headers: AnswerHeaders): boolean {
    try {
      this.#response.writeHead(200, headers);
      return true;
    } catch (error) {
      this.#options.onApplicationError(error, "The headers of an answer can't be sent.");
      this.#response.destroy();
      return false;
    }
  }

  readonly #onSent = (error?: Error | null): void => {
    this.#isComplete = error === undefined || error === null;
  };

  readonly #onClose = (): void => {
    this.#isGone = true;
    if (!this.#isComplete || wasReset(this.#response)) this.onAbort?.();
    this.onAbort = undefined;
    this.onOver?.();
    this.onOver = undefined;
  };
}

/** Answers a request that can't be with an error, as JSON. */
export function refuseRequest(
  response: ServerResponse,
  { status, code, message, headers }: RequestRefusal,
  onSent?: () => void,
): void {
  if (hasLeft(response) || response.headersSent) return;
  const body = JSON.stringify({ code, message });
  response.writeHead(status, {
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(body),
    "Cache-Control": "no-store",
    ...headers,
  });
  response.end(body, onSent);
}

/** Whether the peer has cancelled a request over HTTP/2, where an answer counts as sent all the same. */
function wasReset(response: ServerResponse | Http2ServerResponse): boolean {
  return "stream" in response && (response.stream?.rstCode ?? 0) !== 0;
}

/** Whether the peer that a response is for has gone. */
export function hasLeft(response: ServerResponse | Http2ServerResponse): boolean {
  return "stream" in response ? response.stream.destroyed : response.destroyed;
}
