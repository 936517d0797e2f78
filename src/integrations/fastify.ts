/** `switchboard/fastify`: a plugin for Fastify. */
import type { Server as HttpServer } from "node:http";
import type { Http2SecureServer, Http2Server } from "node:http2";
import type { Server as HttpsServer } from "node:https";

/** What is needed of a Fastify instance. */
export interface FastifyApp {
  readonly server: HttpServer | HttpsServer | Http2Server | Http2SecureServer;
  decorate(name: string, value: unknown): unknown;
  addHook(name: "preClose", hook: () => Promise<void>): unknown;
}

/** A `Server`, as far as it is needed here. */
export interface ClosableServer {
  attach(http: FastifyApp["server"]): unknown;
  close(): Promise<void>;
}

/** Options of the plugin. */
export interface FastifyOptions {
  /** The server; it is also there as `app.io`. */
  readonly io: ClosableServer;
}

/**
 * Serves sockets on Fastify's own server, and closes them, and that server, with it.
 *
 * @example
 * const io = new Server();
 * await app.register(switchboard, { io });
 * await app.listen({ port: 3000 });
 */
export async function switchboard(app: FastifyApp, { io }: FastifyOptions): Promise<void> {
  app.decorate("io", io);
  io.attach(app.server);
  app.addHook("preClose", () => io.close());
}

// What is decorated is for the whole app, and not for the plugin's scope alone.
Object.assign(switchboard, { [Symbol.for("skip-override")]: true });

export default switchboard;
