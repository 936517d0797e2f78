/**
 * `outbox-client.ts FOLDER URL CLIENT FIRST SAYS_PER_SECOND`: a client with an outbox in a folder, as a program; `plant.ts` looks after its bug. It says numbers from
 * FIRST on, without end, or nothing: then it only sends what was kept. Prints `ready PID`, `say NUMBER` before it says it, and `stored NUMBER` when that is kept.
 */
import { delivery, io } from "switchboard/client";
import { fileStore } from "switchboard/client/file";
import { readPositionals } from "./serve-arguments.ts";
import { tell } from "./tell.ts";

const [path = "", url = "", client = "", first = "", perSecond = ""] = readPositionals();
const outbox = delivery({ store: fileStore({ path }) });
const auth = { client: Number(client), room: Number(client) };
const socket = io(url, { transports: ["websocket"], delivery: outbox, auth });
socket.on("gap", () => tell("gap"));
socket.io.on("emit_error", (error) => tell(`error ${error.message}`));
tell(`ready ${process.pid}`);

let next = Number(first);
function say(): void {
  const number = next++;
  tell(`say ${number}`);
  socket.emit("say", number, () => {});
  // Why not, was told.
  outbox.stored().then(
    () => tell(`stored ${number}`),
    () => {},
  );
}
if (Number(perSecond) > 0) {
  // The first comes before the store is open, and so behind what is in it.
  say();
  setInterval(say, 1000 / Number(perSecond));
}
