/** Switchboard's WebSocket server. `--prepared` broadcasts by `broadcast()`. */
import { importOurs } from "./build.mjs";
import { broadcasts, news, options, ready, unsupported } from "./options.mjs";

const { WebSocketServer } = await importOurs("switchboard/websocket");

const wss = new WebSocketServer({
  port: 0,
  host: "127.0.0.1",
  perMessageDeflate: options.deflate && { threshold: 0 },
});
if (options.prepared && typeof wss.broadcast !== "function") unsupported("broadcast()");

wss.on("listening", () => ready(wss.address().port));
wss.on("connection", (ws) => {
  if (broadcasts > 0) ws.on("message", options.prepared ? broadcastPrepared : broadcast);
  else ws.on("message", (data, isBinary) => ws.send(data, { binary: isBinary }));
});

function broadcast() {
  for (let i = 0; i < broadcasts; i += 1) {
    for (const client of wss.clients) client.send(news);
  }
}

function broadcastPrepared() {
  for (let i = 0; i < broadcasts; i += 1) wss.broadcast(news);
}
