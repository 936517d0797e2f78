/** The package `socket.io`, with its own defaults but for the transports: only WebSocket. */
import { createServer } from "node:http";
import { Server } from "socket.io";
import { ready } from "./options.mjs";
import { runApplication } from "./sockets-application.mjs";

const http = createServer();
runApplication(new Server(http, { transports: ["websocket"] }));
http.listen(0, "127.0.0.1", () => ready(http.address().port));
