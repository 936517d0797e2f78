/** Switchboard, with its own defaults. */
import { createServer } from "node:http";
import { importOurs } from "./build.mjs";
import { ready } from "./options.mjs";
import { runApplication } from "./sockets-application.mjs";

const { Server } = await importOurs("switchboard");

const http = createServer();
runApplication(new Server(http));
http.listen(0, "127.0.0.1", () => ready(http.address().port));
