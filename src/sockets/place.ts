import type { AnyHttpServer } from "../engine/index.ts";
import type { ServerOptions } from "./options.ts";

/**
 * Where a server is to be attached: a port, also as the text that an environment variable is, or an HTTP server. Throws a `TypeError` for anything
 * else, such as an app of Express.
 */
export function placeOf(where: unknown): number | AnyHttpServer {
  if (typeof where === "number") return where;
  if (typeof where === "string" && /^\d+$/.test(where)) return Number(where);
  if (typeof where === "object" && isHttpServer(where)) return where;
  if (typeof where === "function") {
    throw new TypeError(
      "A server is attached to an HTTP server, not to a function that answers requests, such as an app of Express: say createServer(app), or attach(io, app) of switchboard/express.",
    );
  }
  throw new TypeError(`A server is attached to a port or an HTTP server, not to ${describe(where)}.`);
}

/** Whether what stands first is options, and no place. */
export function isOptions(where: number | AnyHttpServer | ServerOptions | undefined): where is ServerOptions {
  return typeof where === "object" && where !== null && !isHttpServer(where);
}

function isHttpServer(where: object | null): where is AnyHttpServer {
  return typeof (where as Partial<AnyHttpServer> | null)?.listen === "function";
}

function describe(where: unknown): string {
  return typeof where === "string" ? JSON.stringify(where) : typeof where;
}
