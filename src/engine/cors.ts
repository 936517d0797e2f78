import type { IncomingMessage, ServerResponse } from "node:http";
import type { Middleware } from "./middleware.ts";

/** Which origins are let in: all, none, one, or those that match. */
export type CorsOrigin = boolean | string | RegExp | readonly (boolean | string | RegExp)[];

/** Which pages of other origins may make requests, by the names of the `cors` package. */
export interface CorsOptions {
  /**
   * `"*"`: any; `true`: any, by its own name (needed with `credentials`); a string: that one; a `RegExp` or a list: those that match; a
   * function: what it calls back with. `false`: none, as without `cors`. Default `"*"`.
   */
  origin?:
    | CorsOrigin
    | ((
        origin: string | undefined,
        callback: (error: Error | null | undefined, origin?: CorsOrigin) => void,
      ) => void);
  /** The methods that a preflight allows. Default `GET,HEAD,PUT,PATCH,POST,DELETE`. */
  methods?: string | readonly string[];
  /** The request headers that a preflight allows. Default: those that it asks for. */
  allowedHeaders?: string | readonly string[];
  /** The headers of answers that pages may read. Default: none beyond those that they always may. */
  exposedHeaders?: string | readonly string[];
  /** Whether requests may carry cookies. Default false. */
  credentials?: boolean;
  /** How long a browser may remember the answer to a preflight, in seconds. Default: the browser's. */
  maxAge?: number;
  /** Whether a preflight is handed on instead of answered. Default false. */
  preflightContinue?: boolean;
  /** The status of the answer to a preflight. Default 204. */
  optionsSuccessStatus?: number;
}

/** Options for one request, by callback. */
export type CorsOptionsDelegate = (
  request: IncomingMessage,
  callback: (error: Error | null, options?: CorsOptions) => void,
) => void;

const DEFAULT_METHODS = "GET,HEAD,PUT,PATCH,POST,DELETE";
const NO_CONTENT = 204;

/**
 * A middleware that says which pages may read the answers, and answers preflights.
 *
 * @example
 * server.use(cors({ origin: ["https://example.com", /\.example\.com$/], credentials: true }));
 */
export function cors(options: CorsOptions | CorsOptionsDelegate | true = {}): Middleware {
  const delegate: CorsOptionsDelegate =
    typeof options === "function"
      ? options
      : (_request, callback) => callback(null, options === true ? {} : options);
  return (request, response, next) => {
    delegate(request, (error, chosen = {}) => {
      if (error !== null && error !== undefined) next(error);
      else
        findOrigin(chosen, request.headers.origin, next, (origin) => {
          if (answer(chosen, origin, request, response)) next();
        });
    });
  };
}

/** Finds out who may; if nobody, the request goes on without a word about it, and the browser keeps the answer from the page. */
function findOrigin(
  { origin = "*" }: CorsOptions,
  asking: string | undefined,
  next: (error?: unknown) => void,
  proceed: (origin: CorsOrigin) => void,
): void {
  if (typeof origin !== "function") {
    if (origin === false || origin === "") next();
    else proceed(origin);
    return;
  }
  origin(asking, (error, found) => {
    if ((error !== null && error !== undefined) || found === undefined || found === false || found === "")
      next(error ?? undefined);
    else proceed(found);
  });
}

/** Sets the headers; answers a preflight. Returns whether the request is to go on. */
function answer(
  options: CorsOptions,
  origin: CorsOrigin,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  if (origin === "*") response.setHeader("Access-Control-Allow-Origin", "*");
  else {
    const allowed = typeof origin === "string" ? origin : reflected(request.headers.origin, origin);
    if (allowed !== undefined) response.setHeader("Access-Control-Allow-Origin", allowed);
    vary(response, "Origin");
  }
  if (options.credentials === true) response.setHeader("Access-Control-Allow-Credentials", "true");
  const exposed = list(options.exposedHeaders);
  if (exposed !== "") response.setHeader("Access-Control-Expose-Headers", exposed);
  if (request.method !== "OPTIONS") return true;

  response.setHeader("Access-Control-Allow-Methods", list(options.methods ?? DEFAULT_METHODS));
  let headers = list(options.allowedHeaders);
  if (headers === "") {
    headers = request.headers["access-control-request-headers"] ?? "";
    vary(response, "Access-Control-Request-Headers");
  }
  if (headers !== "") response.setHeader("Access-Control-Allow-Headers", headers);
  if (options.maxAge !== undefined) response.setHeader("Access-Control-Max-Age", String(options.maxAge));
  if (options.preflightContinue === true) return true;
  response.statusCode = options.optionsSuccessStatus ?? NO_CONTENT;
  // Some browsers wait for a body without it.
  response.setHeader("Content-Length", "0");
  response.end();
  return false;
}

function reflected(asking: string | undefined, allowed: CorsOrigin): string | undefined {
  return asking !== undefined && matches(asking, allowed) ? asking : undefined;
}

function matches(asking: string, allowed: CorsOrigin): boolean {
  if (typeof allowed === "boolean") return allowed;
  if (typeof allowed === "string") return asking === allowed;
  // Unlike `test`, it does not go on where a global expression stopped the last time.
  if (allowed instanceof RegExp) return asking.search(allowed) >= 0;
  return allowed.some((one) => matches(asking, one));
}

function list(value: string | readonly string[] | undefined): string {
  return typeof value === "string" ? value : (value ?? []).join(",");
}

function vary(response: ServerResponse, field: string): void {
  const before = list(response.getHeader("Vary") as string | string[] | undefined);
  const fields = before.split(",").map((name) => name.trim().toLowerCase());
  if (fields.includes("*") || fields.includes(field.toLowerCase())) return;
  response.setHeader("Vary", before === "" ? field : `${before}, ${field}`);
}
