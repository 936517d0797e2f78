import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server, type ServerOptions } from "switchboard";
import { type AppServer, serveApplication } from "../lib/application.ts";
import type { ServerKind } from "../lib/target.ts";

/** Our server with these options, and an application whose handlers take up to so long, in milliseconds. */
export function switchboard(name: string, options: ServerOptions, workMs = 0): ServerKind {
  return {
    name,
    async serve(sink) {
      const http = createServer();
      const io = new Server(http, options);
      serveApplication(io as AppServer, sink, workMs);
      await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
      return { port: (http.address() as AddressInfo).port, close: () => io.close() };
    },
  };
}
