import { createServer, type Server as HttpServer } from "node:http";
import type { TestContext } from "node:test";
import { Server } from "../../src/sockets/server.ts";
import type { ServerOptions } from "../../src/sockets/options.ts";
import { portOf } from "./listen.ts";
import { RecordingLogger } from "./recording-logger.ts";

const undoings = new WeakMap<TestContext, (() => unknown)[]>();

/** Has something undone when the test is over; what was done last is undone first. */
export function undoAfter(t: TestContext, undo: () => unknown): void {
  let list = undoings.get(t);
  if (list === undefined) {
    const added: (() => unknown)[] = [];
    list = added;
    undoings.set(t, added);
    t.after(async () => {
      for (const each of added.toReversed()) await each();
    });
  }
  list.push(undo);
}

/** A server under test. */
export interface RunningServer {
  readonly io: Server;
  readonly http: HttpServer;
  readonly port: number;
  readonly url: string;
  /** What was logged; whatever is left there at the end of the test fails it. */
  readonly log: RecordingLogger;
}

/** Starts a server on a free port of the loopback address, or on `port`; it is closed after the test. */
export async function startServer(
  t: TestContext,
  options: ServerOptions = {},
  { http = createServer(), port = 0 }: { http?: HttpServer; port?: number } = {},
): Promise<RunningServer> {
  const log = new RecordingLogger();
  const io = new Server(http, { logger: log, ...options });
  const actualPort = await listenOn(http, port);
  undoAfter(t, async () => {
    await io.close();
    log.assertEmpty();
  });
  return { io, http, port: actualPort, url: `http://127.0.0.1:${actualPort}`, log };
}

function listenOn(http: HttpServer, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    http.once("error", reject);
    http.listen(port, "127.0.0.1", () => {
      http.off("error", reject);
      resolve(portOf(http));
    });
  });
}
