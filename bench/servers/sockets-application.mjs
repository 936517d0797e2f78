/** The application that both servers of sockets run: their vocabulary is the same. */
import { broadcasts, news, options } from "./options.mjs";
import { dealRoom, randomRoom, rooms } from "./rooms.mjs";

const TICK_MS = 50;
const LARGE = "x".repeat(64 * 1024);

/** @param {any} io a server of Socket.IO's vocabulary */
export function runApplication(io) {
  if (options.ticks) setInterval(() => tick(io), TICK_MS);
  io.on("connection", (socket) => {
    if (rooms > 0) socket.join(`room ${dealRoom()}`);
    if (options.ticks) socket.on("flood me", () => socket.join("flooded"));
    if (broadcasts > 0) socket.on("go", () => broadcast(io));
    else socket.on("echo", (data, answer) => (answer ? answer(data) : socket.emit("echo", data)));
  });
}

/** @param {any} io */
function tick(io) {
  // The machine's clock, which all processes share.
  io.emit("tick", String(process.hrtime.bigint()), news);
  io.to("flooded").emit("flood", LARGE);
}

/** @param {any} io */
function broadcast(io) {
  for (let i = 0; i < broadcasts; i += 1) io.to(`room ${randomRoom()}`).emit("news", news);
}
