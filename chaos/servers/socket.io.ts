import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { ServerOptions } from "socket.io";
import { type AppServer, serveApplication } from "../lib/application.ts";
import { listenWhenFree } from "../lib/ports.ts";
import type { ServerKind } from "../lib/target.ts";

/** Stock Socket.IO with these options. */
export function socketIo(name: string, options: Partial<ServerOptions>): ServerKind {
  return {
    name,
    async serve(sink, { port = 0 } = {}) {
      // Only here: it takes longer to load than all of ours.
      const { Server } = await import("socket.io");
      const http = createServer();
      const io = new Server(http, options);
      serveApplication(io as unknown as AppServer, sink);
      await listenWhenFree(http, port);
      return { port: (http.address() as AddressInfo).port, close: () => io.close() };
    },
  };
}
