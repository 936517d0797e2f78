/** The floor for anything on Node: TCP without WebSocket, and what is sent in a turn in one write, but for rooms. */
import { createServer } from "node:net";
import { broadcasts, news, ready } from "./options.mjs";
import { dealRoom, randomRoom, rooms } from "./rooms.mjs";

const EVERYONE = 0;
/** @type {Set<import("node:net").Socket>[]} those of each room; without rooms all are in the first */
const members = [];
/** One room gets all in one write; of many, it is not known which ones will meet. */
const newsBytes = Buffer.from(rooms > 1 ? news : news.repeat(broadcasts));

const server = createServer({ noDelay: true }, (socket) => {
  const room = rooms > 0 ? dealRoom() : EVERYONE;
  (members[room] ??= new Set()).add(socket);
  socket.on("data", receiverOf(socket));
  socket.on("error", () => socket.destroy());
  socket.on("close", () => members[room].delete(socket));
});
server.listen(0, "127.0.0.1", () => ready(server.address().port));

/** @param {import("node:net").Socket} socket */
function receiverOf(socket) {
  if (broadcasts === 0) return (chunk) => socket.write(chunk);
  return rooms > 1 ? broadcastToRooms : () => broadcast(EVERYONE);
}

function broadcastToRooms() {
  for (let i = 0; i < broadcasts; i += 1) broadcast(randomRoom());
}

/** @param {number} room */
function broadcast(room) {
  for (const socket of members[room]) socket.write(newsBytes);
}
