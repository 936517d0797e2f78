import type { TestContext } from "node:test";
import type { ServerOptions } from "../../src/sockets/options.ts";
import type { Server } from "../../src/sockets/server.ts";
import type { Socket } from "../../src/sockets/socket.ts";
import { EngineClient, SESSION_PATH } from "./engine-client.ts";
import { startServer } from "./fixture.ts";
import { nextOf } from "./stock-client.ts";

/** The path of a handshake that asks for errors: see docs/protocol/event-errors.md. */
export const ERRORS_PATH = `${SESSION_PATH}&errors=1`;

/** A socket in the main namespace, and the raw client at its other end. */
export interface Pair {
  readonly client: EngineClient;
  readonly socket: Socket;
}

/** Joins the main namespace of a server. */
export async function joinPair(
  t: TestContext,
  { io, port }: { io: Server; port: number },
  path = SESSION_PATH,
): Promise<Pair> {
  const arriving = nextOf(io, "connection");
  const client = await EngineClient.open(t, port, path);
  await client.joinNamespace();
  const [socket] = await arriving;
  return { client, socket: socket as Socket };
}

/** Starts a server and joins its main namespace. */
export async function startJoined(t: TestContext, options?: ServerOptions, path = SESSION_PATH) {
  const server = await startServer(t, options);
  return { ...server, ...(await joinPair(t, server, path)) };
}
