/** Our client, with the option `delivery`, as a load: each answer sends the next event. Prints one line of JSON, as wsload does. */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { delivery, io } from "switchboard/client";

const IN_FLIGHT = 64;
const WARM_UP_MS = 500;
/** Of the kernel's clock for processes, in a second. */
const TICKS = 100;

const { values } = parseArgs({
  options: {
    p: { type: "string", short: "p", default: "" },
    i: { type: "string", short: "i", default: "" },
    d: { type: "string", short: "d", default: "3" },
  },
});
const socket = io(`http://127.0.0.1:${values.p}`, { delivery: delivery(), transports: ["websocket"] });
const taken = [];
let answered = 0;

function ask() {
  const began = performance.now();
  socket.emit("echo", "abcdefghijklmnopqrst", () => {
    taken.push(performance.now() - began);
    answered += 1;
    ask();
  });
}

socket.once("connect", () => {
  for (let count = 0; count < IN_FLIGHT; count += 1) ask();
  setTimeout(begin, WARM_UP_MS);
});
socket.once("connect_error", (error) => {
  console.error(error.message);
  process.exit(1);
});

function begin() {
  taken.length = 0;
  const [first, began, server, client] = [answered, performance.now(), serverMicros(), process.cpuUsage()];
  setTimeout(
    () => {
      const count = answered - first;
      const { user, system } = process.cpuUsage(client);
      const spent = serverMicros() - server;
      const seconds = (performance.now() - began) / 1000;
      const sorted = taken.toSorted((a, b) => a - b);
      const at = (part) => Math.round((sorted[Math.floor(sorted.length * part)] ?? 0) * 1000);
      const figures = {
        cpu_us: (spent + user + system) / count,
        rate: count / seconds,
        p50_us: at(0.5),
        p99_us: at(0.99),
        busy: spent / (seconds * 1e6),
        load_busy: (user + system) / (seconds * 1e6),
      };
      console.log(JSON.stringify(figures));
      process.exit();
    },
    Number(values.d) * 1000,
  );
}

/** What the server's process has spent. */
function serverMicros() {
  const fields = readFileSync(`/proc/${values.i}/stat`, "utf8").split(") ")[1].split(" ");
  return ((Number(fields[11]) + Number(fields[12])) / TICKS) * 1e6;
}
