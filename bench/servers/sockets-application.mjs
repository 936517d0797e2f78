/** The application that both servers of sockets run: their vocabulary is the same. */
import { broadcasts, news, options } from "./options.mjs";

const rooms = Number(options.rooms);
/** How many have joined. */
let joined = 0;
/** Of the random numbers, which are the same for both servers. */
let state = 1;

/** @param {any} io a server of Socket.IO's vocabulary */
export function runApplication(io) {
  io.on("connection", (socket) => {
    if (rooms > 0) socket.join(`room ${joined++ % rooms}`);
    if (broadcasts > 0) socket.on("go", () => broadcast(io));
    else socket.on("echo", (data, answer) => (answer ? answer(data) : socket.emit("echo", data)));
  });
}

/** @param {any} io */
function broadcast(io) {
  for (let i = 0; i < broadcasts; i += 1) io.to(`room ${randomBelow(rooms)}`).emit("news", news);
}

/** @param {number} limit */
function randomBelow(limit) {
  state = (state * 48271) % 0x7fffffff;
  return state % limit;
}
