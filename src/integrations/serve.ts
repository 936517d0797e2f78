import { createServer, type RequestListener, type Server as HttpServer } from "node:http";

/** A `Server`, as far as it is needed here. */
export interface Attachable {
  attach(http: HttpServer): unknown;
}

/** An HTTP server whose requests below the path of `io` are its own, and all others the listener's. */
export function serve(io: Attachable, listener: RequestListener): HttpServer {
  const http = createServer(listener);
  io.attach(http);
  return http;
}
