import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";
import { fulfil, guard } from "./contract.ts";
import { CONNECT_TIMEOUT_MS } from "./settings.ts";

/**
 * Does what the suite asks with the `socket.io` package. A process of its own, as some cases end it: what nobody catches
 * is then an event that is lost. It tells its URL to the process that forked it, or else prints it.
 */
process.on("uncaughtException", () => {});
const server = createServer();
const io = new Server(server, { connectTimeout: CONNECT_TIMEOUT_MS, serveClient: false });
fulfil(io);
guard(io.of("/guarded"));
server.listen(0, "127.0.0.1", () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/socket.io/`;
  if (process.send) process.send(url);
  else console.log(`${url} serves with socket.io.`);
});
process.once("disconnect", () => process.exit());
