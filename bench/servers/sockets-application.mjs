/** The application that both servers of sockets run: their vocabulary is the same. */
import { broadcasts, news } from "./options.mjs";
import { dealRoom, randomRoom, rooms } from "./rooms.mjs";

/** @param {any} io a server of Socket.IO's vocabulary */
export function runApplication(io) {
  io.on("connection", (socket) => {
    if (rooms > 0) socket.join(`room ${dealRoom()}`);
    if (broadcasts > 0) socket.on("go", () => broadcast(io));
    else socket.on("echo", (data, answer) => (answer ? answer(data) : socket.emit("echo", data)));
  });
}

/** @param {any} io */
function broadcast(io) {
  for (let i = 0; i < broadcasts; i += 1) io.to(`room ${randomRoom()}`).emit("news", news);
}
