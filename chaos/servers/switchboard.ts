import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { ServerOptions } from "switchboard";
import type { AppSink } from "../lib/app-sink.ts";
import { type AppOptions, type AppServer, serveApplication } from "../lib/application.ts";
import { listenWhenFree } from "../lib/ports.ts";
import type { ServePlace, ServerKind, Serving } from "../lib/target.ts";

/** Where one server takes the place of another, it waits for the folder until that one has ended. */
const WAIT_MS = 120_000;
/** So few bytes are more than a client takes in one turn. */
const SLOW_ABOVE = 256;

/** Our server with these options, and an application with those. */
export function switchboard(name: string, options: ServerOptions, app: AppOptions = {}): ServerKind {
  const { isLatestOnly = false } = app;
  return { name, isLatestOnly, load, serve: (sink, place) => serve(options, sink, app, place) };
}

/** The same with a log on disk. Its handlers are done at once: one that is killed midway is run again, and says again what it has said. */
export function switchboardOnDisk(name: string, options: ServerOptions): ServerKind {
  return {
    name,
    keepsFolder: true,
    load: () => Promise.all([load(), loadLog()]),
    async serve(sink, place = {}) {
      const { folder: path } = place;
      if (path === undefined) throw new Error(`${name} needs a folder.`);
      const { diskLog } = await loadLog();
      const log = await diskLog({ path, waitMs: WAIT_MS });
      const { port, close, drain } = await serve({ ...options, delivery: { log } }, sink, {}, place);
      return {
        port,
        // The next one waits for the folder, and need not wait for clients that are slow to go.
        close: () => Promise.all([close(), log.close()]).then(() => {}),
        drain: (options) => drain(options).then(() => log.close()),
      };
    },
  };
}

/** Not before: who asks what kinds there are needs none of it. */
const load = () => import("switchboard");
const loadLog = () => import("switchboard/log/disk");

async function serve(
  options: ServerOptions,
  sink: AppSink,
  app: AppOptions,
  place: ServePlace = {},
): Promise<Required<Serving>> {
  const { Server } = await load();
  const http = createServer();
  const io = new Server(http, options);
  io.backpressure({
    events: { newest: { policy: "latest-only", key: (client) => Number(client), above: SLOW_ABOVE } },
  });
  serveApplication(io as AppServer, sink, app);
  await listenWhenFree(http, place.port ?? 0);
  const { port } = http.address() as AddressInfo;
  return { port, close: () => io.close(), drain: (options) => io.drain(options) };
}
