import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { ServerOptions } from "switchboard";
import type { AppSink } from "../lib/app-sink.ts";
import { type AppOptions, type AppServer, serveApplication } from "../lib/application.ts";
import type { ServerKind, Serving } from "../lib/target.ts";

/** So few bytes are more than a client takes in one turn. */
const SLOW_ABOVE = 256;

/** Our server with these options, and an application with those. */
export function switchboard(name: string, options: ServerOptions, app: AppOptions = {}): ServerKind {
  const { isLatestOnly = false } = app;
  return { name, isLatestOnly, serve: (sink) => serve(options, sink, app) };
}

/** The same with a log on disk. Its handlers are done at once: one that is killed midway is run again, and says again what it has said. */
export function switchboardOnDisk(name: string, options: ServerOptions): ServerKind {
  return {
    name,
    keepsFolder: true,
    async serve(sink, path) {
      if (path === undefined) throw new Error(`${name} needs a folder.`);
      const { diskLog } = await import("switchboard/log/disk");
      const log = await diskLog({ path });
      const { port, close, drain } = await serve({ ...options, delivery: { log } }, sink, {});
      const closeLog = (): Promise<void> => log.close();
      return {
        port,
        close: () => close().then(closeLog),
        drain: (options) => drain(options).then(closeLog),
      };
    },
  };
}

async function serve(options: ServerOptions, sink: AppSink, app: AppOptions): Promise<Required<Serving>> {
  // Only here: who asks what kinds there are needs none of it.
  const { Server } = await import("switchboard");
  const http = createServer();
  const io = new Server(http, options);
  io.backpressure({
    events: { newest: { policy: "latest-only", key: (client) => Number(client), above: SLOW_ABOVE } },
  });
  serveApplication(io as AppServer, sink, app);
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const { port } = http.address() as AddressInfo;
  return { port, close: () => io.close(), drain: (options) => io.drain(options) };
}
