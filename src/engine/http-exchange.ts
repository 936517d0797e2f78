import type { ServerResponse } from "node:http";
import type { Http2ServerResponse } from "node:http2";
import type { BodyFailure, Exchange, StreamedAnswer } from "./exchange.ts";
import type { HttpCompression } from "./http-compression.ts";
import { type BodyLimits, readBody, stopReceiving } from "./request-body.ts";
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

const CONTENT_TYPE = "text/plain; charset=UTF-8";
const CACHE_CONTROL = "no-store";

/** One request of a session and its answer, over HTTP/1.1 or, by Node's compatibility interface, HTTP/2. */
export class HttpExchange implements Exchange {
  readonly method: string;
  readonly #request: EngineRequest;
  readonly #response: ServerResponse;
  readonly #options: HttpExchangeOptions;
  readonly #onHeaders: ((headers: AnswerHeaders) => void) | undefined;
  #isAnswered = false;
  #isComplete = false;
  #onAbort: (() => void) | undefined;
  #onOver: (() => void) | undefined;
  #isWatched = false;
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
  }

  get contentType(): string {
    const type = this.#request.headers["content-type"] ?? "";
    const end = type.indexOf(";");
    return (end < 0 ? type : type.slice(0, end)).trim().toLowerCase();
  }

  get onAbort(): (() => void) | undefined {
    return this.#onAbort;
  }

  // Most requests are answered at once: nobody has to be told of the end of those.
  set onAbort(callback: (() => void) | undefined) {
    this.#onAbort = callback;
    if (callback !== undefined) this.#watch();
  }

  get isOver(): boolean {
    return this.#response.writableFinished || hasLeft(this.#response);
  }

  get onOver(): (() => void) | undefined {
    return this.#onOver;
  }

  set onOver(callback: (() => void) | undefined) {
    this.#onOver = callback;
    if (callback !== undefined) this.#watch();
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
    const bytes = Buffer.byteLength(text);
    const { compression } = this.#options;
    const accepted = this.#request.headers["accept-encoding"];
    const encoding = compression?.choose(accepted as string | undefined, bytes);
    if (this.#onHeaders === undefined && encoding === undefined) {
      // A list costs Node less than an object.
      const length = String(bytes);
      this.#send(
        ["Content-Type", CONTENT_TYPE, "Cache-Control", CACHE_CONTROL, "Content-Length", length],
        text,
        bytes,
      );
      return;
    }
    const headers = this.#headers({ "Content-Type": CONTENT_TYPE, "Cache-Control": CACHE_CONTROL });
    if (compression === undefined || encoding === undefined) {
      this.#send({ ...headers, "Content-Length": String(bytes) }, text, bytes);
      return;
    }
    compression.compress(encoding, Buffer.from(text), (compressed) => {
      if (compressed !== undefined) headers["Content-Encoding"] = encoding;
      const length = compressed?.length ?? bytes;
      this.#send({ ...headers, "Content-Length": String(length) }, compressed ?? text, length);
    });
  }

  refuse(status: number, message: string): void {
    if (!this.#begin()) return;
    const { code } = Object.values(REQUEST_ERRORS).find((error) => error.message === message) ?? {
      code: REQUEST_ERRORS.badRequest.code,
    };
    const whenSent = this.#whenSent();
    if (!this.#isTooSlow) {
      refuseRequest(this.#response, { status, code, message, context: {} }, whenSent);
      return;
    }
    // Nobody waits for the rest of the body. Over HTTP/2 that header does nothing, and the connection goes on.
    const headers = { Connection: "close" };
    refuseRequest(this.#response, { status, code, message, context: {}, headers }, () => {
      whenSent?.();
      if ("stream" in this.#response) stopReceiving(this.#request);
    });
  }

  stream(): StreamedAnswer {
    const response = this.#response;
    // What is written to a peer that has gone.
    response.on("error", () => {});
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
        if (isOpen && !hasLeft(response) && !response.writableEnded) response.write(text);
      },
      end: () => {
        if (isOpen && !hasLeft(response) && !response.writableEnded) response.end(this.#whenSent());
      },
    };
  }

  destroy(): void {
    if (!hasLeft(this.#response)) this.#response.destroy();
  }

  /** Whether it may be answered, now and never again. */
  #begin(): boolean {
    if (this.#isAnswered) return false;
    this.#isAnswered = true;
    if (this.#options.isClosing()) this.#response.shouldKeepAlive = false;
    return !hasLeft(this.#response);
  }

  #headers(headers: AnswerHeaders): AnswerHeaders {
    this.#onHeaders?.(headers);
    return headers;
  }

  /** Sends an answer whole; `bytes` is the length of its body. */
  #send(headers: AnswerHeaders | string[], body: string | Buffer, bytes: number): void {
    // It may have gone while the answer was compressed.
    const response = this.#response;
    if (hasLeft(response) || !this.#writeHead(headers)) return;
    const onSent = this.#whenSent();
    if ("stream" in response) {
      response.end(body, onSent);
      return;
    }
    // `end(body)` writes an empty chunk behind it, and two chunks are a gathering write.
    response.cork();
    response.write(body, body.length === bytes ? "latin1" : "utf8");
    response.uncork();
    response.end(onSent);
  }

  #writeHead(headers: AnswerHeaders | string[]): boolean {
    try {
      this.#response.writeHead(200, headers);
      return true;
    } catch (error) {
      this.#options.onApplicationError(error, "The headers of an answer can't be sent.");
      this.#response.destroy();
      return false;
    }
  }

  /** What learns that the answer is complete, if anybody is to be told that it is not. */
  #whenSent(): ((error?: Error | null) => void) | undefined {
    if (this.#onAbort === undefined) return undefined;
    return (error) => {
      this.#isComplete = error === undefined || error === null;
    };
  }

  #watch(): void {
    if (this.#isWatched) return;
    this.#isWatched = true;
    this.#response.on("close", () => this.#receiveClose());
  }

  #receiveClose(): void {
    const onAbort = this.#onAbort;
    const onOver = this.#onOver;
    this.#onAbort = undefined;
    this.#onOver = undefined;
    if (!this.#isComplete || wasReset(this.#response)) onAbort?.();
    onOver?.();
  }
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
    ...exposed(response, headers),
  });
  response.end(body, onSent);
}

/** A page of another origin sees only the headers that it is shown: if it may read the answer, then also when to come again. */
function exposed(response: ServerResponse, headers: RequestRefusal["headers"]): Record<string, string> {
  const isFor = headers?.["Retry-After"] !== undefined && response.hasHeader("Access-Control-Allow-Origin");
  if (!isFor) return {};
  const before = response.getHeader("Access-Control-Expose-Headers");
  return {
    "Access-Control-Expose-Headers": before === undefined ? "Retry-After" : `${String(before)},Retry-After`,
  };
}

/** Whether the peer has cancelled a request over HTTP/2, where an answer counts as sent all the same. */
function wasReset(response: ServerResponse | Http2ServerResponse): boolean {
  return "stream" in response && (response.stream?.rstCode ?? 0) !== 0;
}

/** Whether the peer that a response is for has gone. */
export function hasLeft(response: ServerResponse | Http2ServerResponse): boolean {
  return "stream" in response ? response.stream.destroyed : response.destroyed;
}
