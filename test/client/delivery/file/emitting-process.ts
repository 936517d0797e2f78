/** Emits as fast as the window lets it, and says what is kept: the other end of file-store.kill.test.ts. */
import { writeSync } from "node:fs";
import { fileStore } from "../../../../src/client/delivery/file/index.ts";
import { delivery, io } from "../../../../src/client/node.ts";

const [url = "", path = "", run = "0"] = process.argv.slice(2);
const outbox = delivery({ store: fileStore({ path }) });
const socket = io(url, { delivery: outbox, transports: ["websocket"] });
socket.io.on("emit_error", (error) => writeSync(1, `error ${String(error)}\n`));

let value = 0;
async function turn(): Promise<void> {
  for (let count = 1 + (value % 7); count > 0; count -= 1) {
    value += 1;
    socket.emit("n", Number(run), value, new Uint8Array(value % 900).fill(value % 256));
  }
  const emitted = value;
  await outbox.stored();
  // Each reaches the other end, also when the process is killed at once.
  writeSync(1, `kept ${emitted}\n`);
}
setInterval(() => {
  if (socket.bufferedEvents < 2000) void turn();
}, 0);
