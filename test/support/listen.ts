import { once } from "node:events";
import { createServer, type Server } from "node:net";

/** Makes a server (TCP or HTTP) listen on a free port of the loopback address and returns the port. */
export function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      server.off("error", reject);
      resolve(portOf(server));
    });
  });
}

/** The port that something listens on. */
export function portOf(server: { address(): ReturnType<Server["address"]> }): number {
  const address = server.address();
  if (address === null || typeof address === "string")
    throw new Error("The server does not listen on a port.");
  return address.port;
}

/** A port that nobody listens on, for a program that must be told one; another may come first. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  server.close();
  await once(server, "close");
  return port;
}
