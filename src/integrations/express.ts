/** `switchboard/express`: sockets beside an Express app. Express's own middleware fits `io.engine.use` as it is. */
import type { RequestListener, Server as HttpServer } from "node:http";
import { type Attachable, serve } from "./serve.ts";

/**
 * Makes an HTTP server of an Express app and a `Server`. Requests below the server's path are its own, all others the app's.
 * For HTTPS or HTTP/2 make that server yourself and say `io.attach(httpsServer)`.
 *
 * @example
 * const io = new Server();
 * io.engine.use(session({ secret, resave: false, saveUninitialized: false }));
 * io.engine.use((request, _response, next) => {
 *   request.context = { user: request.session.user };
 *   next();
 * });
 * io.use((socket, next) => next(socket.handshake.context.user ? undefined : new Error("Please log in.")));
 * attach(io, app).listen(3000);
 */
export function attach(io: Attachable, app: RequestListener): HttpServer {
  return serve(io, app);
}
