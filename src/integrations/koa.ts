/** `switchboard/koa`: sockets beside a Koa app, and Koa's middleware for handshakes. */
import type { IncomingMessage, Server as HttpServer, ServerResponse } from "node:http";
import type { Middleware } from "switchboard/engine";
import { type Attachable, serve } from "./serve.ts";

/** What is needed of a Koa app. */
export interface KoaApp<Context> {
  callback(): (request: IncomingMessage, response: ServerResponse) => unknown;
  createContext(request: IncomingMessage, response: ServerResponse): Context;
}

/** A middleware of Koa. */
export type KoaMiddleware<Context> = (context: Context, next: () => Promise<unknown>) => unknown;

/**
 * Makes an HTTP server of a Koa app and a `Server`. Requests below the server's path are its own, all others the app's.
 *
 * @example
 * const io = new Server();
 * attach(io, app).listen(3000);
 */
export function attach(io: Attachable, app: Pick<KoaApp<unknown>, "callback">): HttpServer {
  const handle = app.callback();
  return serve(io, (request, response) => void handle(request, response));
}

/**
 * Runs Koa's middleware for handshakes, with the app's own context: sessions, cookies, users. What `pick` returns is kept as
 * `socket.handshake.context`; pick values, not Koa's objects, which would keep the whole request. Cookies that a middleware sets are sent.
 * An error with a `status`, as `ctx.throw(401)` makes it, refuses the handshake with that status, and with its message if it may be shown (`expose`).
 * So does a middleware that does not go on: with the status that it has set, 403 if that is none from 400 up, and its `body` if that is a text.
 * Requests of sessions that there are already don't run it again.
 *
 * @example
 * io.engine.use(handshake(app, [session(app)], (ctx) => ({ user: ctx.session?.user })));
 */
export function handshake<Context>(
  app: KoaApp<Context>,
  middleware: readonly KoaMiddleware<Context>[],
  pick: (context: Context) => unknown,
): Middleware {
  return async (request, response, next) => {
    if (request._query["sid"] === undefined) {
      let isLetIn = false;
      try {
        const context = app.createContext(request, response);
        await run(middleware, context, async () => {
          isLetIn = true;
          request.context = await pick(context);
        });
        if (!isLetIn) {
          answer(response, (context as { body?: unknown }).body);
          return;
        }
      } catch (error) {
        refuse(response, error, next);
        return;
      }
    }
    next();
  };
}

async function run<Context>(
  middleware: readonly KoaMiddleware<Context>[],
  context: Context,
  last: () => Promise<void>,
): Promise<void> {
  const step = async (index: number): Promise<void> => {
    if (index === middleware.length) await last();
    else await middleware[index]!(context, () => step(index + 1));
  };
  await step(0);
}

/** With what a middleware left that did not go on. */
function answer(response: ServerResponse, body: unknown): void {
  if (response.writableEnded) return;
  if (response.statusCode < 400) response.statusCode = 403;
  // Koa has described a body of the app's; what is sent is no more than a text.
  response.removeHeader("Content-Length");
  response.end(typeof body === "string" ? body : undefined);
}

function refuse(response: ServerResponse, error: unknown, next: (error: unknown) => void): void {
  const { status, expose, message } = error as { status?: unknown; expose?: unknown; message?: unknown };
  if (typeof status !== "number" || status < 400 || status > 599) {
    next(error);
    return;
  }
  response.statusCode = status;
  response.end(expose === true && typeof message === "string" ? message : undefined);
}
