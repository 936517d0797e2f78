import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "engine.io";
import { CLOSE_TEXT, PING_INTERVAL_MS, PING_TIMEOUT_MS, UPGRADE_TIMEOUT_MS } from "./settings.ts";

/**
 * Echoes with the `engine.io` package. A process of its own, as engine.io keeps timers of 30 seconds after everything
 * is closed; it tells its URL to the process that forked it, or else prints it.
 */
const engine = new Server({
  pingInterval: PING_INTERVAL_MS,
  pingTimeout: PING_TIMEOUT_MS,
  upgradeTimeout: UPGRADE_TIMEOUT_MS,
});
engine.on("connection", (socket) => {
  socket.on("message", (data: string | Buffer) => {
    // In the POST's own turn, close() would break off the POST before it is answered.
    if (data === CLOSE_TEXT) setImmediate(() => socket.close());
    else socket.send(data);
  });
});
const server = createServer();
engine.attach(server, { path: "/engine.io/" });
server.listen(0, "127.0.0.1", () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/engine.io/`;
  if (process.send) process.send(url);
  else console.log(`${url} echoes with engine.io; "${CLOSE_TEXT}" closes.`);
});
process.once("disconnect", () => process.exit());
