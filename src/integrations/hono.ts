/** `switchboard/hono`: sockets beside a Hono app on Node, and Hono's middleware for handshakes. Needs `@hono/node-server`. */
import type { IncomingHttpHeaders, Server as HttpServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import type { Middleware } from "switchboard/engine";
import { type Attachable, serve } from "./serve.ts";

/** What is needed of a Hono app. */
export interface HonoApp {
  fetch(request: Request): Response | Promise<Response>;
}

/**
 * Makes an HTTP server of a Hono app and a `Server`. Requests below the server's path are its own, all others the app's.
 *
 * @example
 * const io = new Server();
 * attach(io, app).listen(3000);
 */
export function attach(io: Attachable, app: HonoApp): HttpServer {
  const listener = getRequestListener((request) => app.fetch(request));
  return serve(io, (request, response) => void listener(request, response));
}

/**
 * Asks a Hono app about handshakes. It answers with JSON, which is kept as `socket.handshake.context`; with a status from 400 up the handshake is
 * refused with that status and text; with one from 300 up as 403, as a page would follow a redirect, and take what it finds for the answer. Cookies that it sets are sent. Requests of sessions that there are already don't ask again.
 *
 * @example
 * const auth = new Hono().use(sessions).all("*", (c) => c.json({ user: c.get("user") }));
 * io.engine.use(handshake(auth));
 */
export function handshake(app: HonoApp): Middleware {
  return async (request, response, next) => {
    if (request._query["sid"] !== undefined) {
      next();
      return;
    }
    const url = new URL(request.url ?? "/", `http://${request.headers.host ?? "localhost"}`);
    const answer = await app.fetch(new Request(url, { headers: headersOf(request.headers) }));
    const cookies = answer.headers.getSetCookie();
    if (cookies.length > 0) response.setHeader("Set-Cookie", cookies);
    if (answer.status < 300) {
      request.context = await answer.json();
      next();
      return;
    }
    response.statusCode = answer.status < 400 ? 403 : answer.status;
    response.end(await answer.text());
  };
}

function headersOf(headers: IncomingHttpHeaders): Headers {
  const plain = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    // The pseudo headers of HTTP/2 are no headers.
    if (value !== undefined && !name.startsWith(":")) plain.set(name, String(value));
  }
  return plain;
}
