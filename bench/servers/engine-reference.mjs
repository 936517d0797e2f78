/** The package `engine.io`, with its own defaults. */
import { createServer } from "node:http";
import { Server } from "engine.io";
import { ready } from "./options.mjs";

const http = createServer();
const engine = new Server();
engine.attach(http, { path: "/engine.io/" });
engine.on("connection", (socket) => {
  socket.on("message", (data) => socket.send(data));
});
http.listen(0, "127.0.0.1", () => ready(http.address().port));
