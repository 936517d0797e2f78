import { type FetchResponse, readAnswer } from "./fetch.ts";
import type { ManagerOptions } from "./options.ts";
import type { RequestPlatform } from "./platform.ts";
import { requestUrl } from "./server-url.ts";

/** The longest body that may outlive its page: browsers allow 64 KiB in all. */
export const MAX_KEEPALIVE_LENGTH: number = 16 * 1024;
/** What the server answers where it does not know the session, as JSON: Engine.IO's error 1. */
const UNKNOWN_SESSION = /"code": *1\b/;

/** A request was answered by something else than success. */
export class RequestError extends Error {
  readonly status: number;
  /** The status, by the name that Socket.IO gives it. */
  readonly description: number;
  /** What the answer says. */
  readonly context: string;
  /** Whether the server does not know the session. */
  readonly isUnknownSession: boolean;
  /** How long the server wants to be left alone, in milliseconds; 0 if it does not say. */
  readonly retryAfterMs: number;

  /** `retryAfter` is that header: seconds, or a date, which is passed over. */
  constructor(status: number, text: string, retryAfter?: string | null) {
    super(`The server answered ${status}: ${text.slice(0, 100)}`);
    this.name = "RequestError";
    this.status = status;
    this.description = status;
    this.context = text;
    this.isUnknownSession = status === 400 && UNKNOWN_SESSION.test(text);
    this.retryAfterMs = Number(retryAfter) * 1000 || 0;
  }

  /** Whether there is no use in asking again for this session: it is gone, or what is sent is too large. */
  get isFinal(): boolean {
    return this.isUnknownSession || this.status === 413;
  }
}

/** Where the server is, and how it is asked: the address, the headers, the cookies. */
export class Endpoint {
  readonly platform: RequestPlatform;
  readonly #origin: string;
  readonly #options: ManagerOptions;

  /** `origin` is the server's, of http, https, ws or wss. */
  constructor(origin: string, options: ManagerOptions, platform: RequestPlatform) {
    this.#origin = origin;
    this.#options = options;
    this.platform = platform;
  }

  /** The headers that the user wants to be sent. */
  get headers(): Readonly<Record<string, string>> {
    return this.#options.extraHeaders ?? {};
  }

  /** The address with a query. */
  url(scheme: "ws" | "http", query: Readonly<Record<string, string>>): string {
    return requestUrl(scheme, this.#origin, this.#options, query);
  }

  /** Makes a request: a POST if there is a body. Rejects with a {@link RequestError} for any answer but 200. */
  async request(
    query: Readonly<Record<string, string>>,
    signal: AbortSignal,
    body?: string,
    isLast = false,
  ): Promise<FetchResponse> {
    const { fetch = this.platform.fetch, withCredentials } = this.#options;
    const response = await fetch(this.url("http", query), {
      ...(body === undefined ? { method: "GET" } : { method: "POST", body }),
      // A body that is text says so itself.
      headers: { ...this.headers },
      cache: "no-store",
      credentials: withCredentials === true ? "include" : "same-origin",
      keepalive: isLast && body!.length < MAX_KEEPALIVE_LENGTH,
      signal,
    });
    if (response.status !== 200) {
      const retryAfter = response.headers?.get("retry-after");
      throw new RequestError(response.status, await readAnswer(response), retryAfter);
    }
    return response;
  }
}
