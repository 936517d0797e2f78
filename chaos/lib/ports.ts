import { once } from "node:events";
import { createServer, type Server } from "node:net";

/** Below those that systems give to connections: one of these could take the port while nobody listens there, or even be connected to itself. */
const LASTING = { first: 20_000, count: 10_000 } as const;
/** So many connections may wait to be accepted, as on a port that `new Server(port)` opens. */
const BACKLOG = 4096;
/** How often it is looked whether a port is free, in milliseconds. */
const LOOK_MS = 20;

/** A port of 127.0.0.1 on which one server after the other can listen. Nobody does now. */
export async function lastingPort(): Promise<number> {
  for (;;) {
    const port = LASTING.first + Math.floor(Math.random() * LASTING.count);
    const server = createServer();
    if (!(await listen(server, port))) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}

/** Has a server listen on a port of 127.0.0.1, as soon as it is free. */
export async function listenWhenFree(server: Server, port: number): Promise<void> {
  while (!(await listen(server, port))) await new Promise((resolve) => void setTimeout(resolve, LOOK_MS));
}

/** Rejects if it can't; false: somebody else does. */
async function listen(server: Server, port: number): Promise<boolean> {
  server.listen({ port, host: "127.0.0.1", backlog: BACKLOG });
  try {
    await once(server, "listening");
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") return false;
    throw error;
  }
}
