/** The package `ws`, used as its own examples use it. */
import { WebSocketServer } from "ws";
import { broadcasts, news, options, ready } from "./options.mjs";

const wss = new WebSocketServer({
  port: 0,
  host: "127.0.0.1",
  perMessageDeflate: options.deflate && { threshold: 0 },
});
const newsBytes = Buffer.from(news);

wss.on("listening", () => ready(wss.address().port));
wss.on("connection", (ws) => {
  if (broadcasts > 0) ws.on("message", broadcast);
  else ws.on("message", (data, isBinary) => ws.send(data, { binary: isBinary }));
  ws.on("error", () => ws.terminate());
});

function broadcast() {
  for (let i = 0; i < broadcasts; i += 1) {
    for (const client of wss.clients) client.send(newsBytes, { binary: false });
  }
}
