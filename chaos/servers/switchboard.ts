import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server, type ServerOptions } from "switchboard";
import { diskLog } from "switchboard/log/disk";
import type { AppSink } from "../lib/app-sink.ts";
import { type AppServer, serveApplication } from "../lib/application.ts";
import type { ServerKind, Serving } from "../lib/target.ts";

/** Our server with these options, and an application whose handlers take up to so long, in milliseconds. */
export function switchboard(name: string, options: ServerOptions, workMs = 0): ServerKind {
  return { name, serve: (sink) => serve(options, sink, workMs) };
}

/** The same with a log on disk. Its handlers are done at once: one that is killed midway is run again, and says again what it has said. */
export function switchboardOnDisk(name: string, options: ServerOptions): ServerKind {
  return {
    name,
    keepsFolder: true,
    async serve(sink, path) {
      if (path === undefined) throw new Error(`${name} needs a folder.`);
      const log = await diskLog({ path });
      const { port, close, drain } = await serve({ ...options, delivery: { log } }, sink, 0);
      const closeLog = (): Promise<void> => log.close();
      return {
        port,
        close: () => close().then(closeLog),
        drain: (options) => drain(options).then(closeLog),
      };
    },
  };
}

async function serve(options: ServerOptions, sink: AppSink, workMs: number): Promise<Required<Serving>> {
  const http = createServer();
  const io = new Server(http, options);
  serveApplication(io as AppServer, sink, workMs);
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const { port } = http.address() as AddressInfo;
  return { port, close: () => io.close(), drain: (options) => io.drain(options) };
}
