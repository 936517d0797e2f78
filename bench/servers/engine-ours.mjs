/** Switchboard's Engine.IO server, with its own defaults. */
import { createServer } from "node:http";
import { importOurs } from "./build.mjs";
import { ready } from "./options.mjs";

const { Server } = await importOurs("switchboard/engine");

const http = createServer();
const engine = new Server();
engine.attach(http, { path: "/engine.io/" });
engine.on("connection", (socket) => {
  socket.on("message", (data) => socket.send(data));
});
http.listen(0, "127.0.0.1", () => ready(http.address().port));
