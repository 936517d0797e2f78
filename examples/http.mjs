import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { Server } from "switchboard";
import { announce, chat, CLIENT, page, PORT } from "./page.mjs";

const http = createServer((request, response) => {
  const isClient = request.url === "/client.min.js";
  response.setHeader("Content-Type", isClient ? "text/javascript" : "text/html; charset=utf-8");
  response.end(isClient ? readFileSync(CLIENT) : page("node:http"));
});

const io = new Server(http);
chat(io);

http.listen(PORT, () => announce(http));
