/** The floor for anything on Node: TCP without WebSocket, and what is sent in a turn in one write. */
import { createServer } from "node:net";
import { broadcasts, news, ready } from "./options.mjs";

const sockets = new Set();
const newsBytes = Buffer.from(news.repeat(broadcasts));

const server = createServer({ noDelay: true }, (socket) => {
  sockets.add(socket);
  socket.on("data", broadcasts > 0 ? broadcast : (chunk) => socket.write(chunk));
  socket.on("error", () => socket.destroy());
  socket.on("close", () => sockets.delete(socket));
});
server.listen(0, "127.0.0.1", () => ready(server.address().port));

function broadcast() {
  for (const socket of sockets) socket.write(newsBytes);
}
