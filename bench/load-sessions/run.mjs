/**
 * A load of Engine.IO sessions over any transport: each client keeps one message in flight. Prints one line of JSON, as load/wsload.c does,
 * and also the bytes of a message both ways and how busy this program was itself.
 */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { loadGenerator } from "../lib/paths.mjs";
import { fail } from "./fail.mjs";
import { Session } from "./session.mjs";

const WARM_UP_MS = 1000;
const OPEN_TIMEOUT_MS = 10_000;

const { values: options } = parseArgs({
  options: {
    port: { type: "string", short: "p" },
    pid: { type: "string", short: "i" },
    seconds: { type: "string", short: "d", default: "3" },
    transport: { type: "string", default: "long" },
    link: { type: "boolean", default: false },
    clients: { type: "string", short: "n", default: "100" },
    size: { type: "string", short: "s", default: "64" },
    every: { type: "string", default: "0" },
    poll: { type: "string", default: "50" },
  },
});
if (options.port === undefined || options.pid === undefined) fail("-p PORT and -i PID are needed");

// The server's clock is read by the other load generator: Node can't.
const clock = spawn(loadGenerator, ["-m", "clock", "-i", options.pid], {
  stdio: ["pipe", "pipe", "inherit"],
});
const ticks = createInterface({ input: clock.stdout });

/** @type {Session[]} */
const sessions = [];
/** @type {number[]} */
let latencies = [];
let messages = 0;

await openAll();
for (const session of sessions) session.start();
await sleep(WARM_UP_MS);
const begin = await takeSample();
latencies = [];
await sleep(Number(options.seconds) * 1000);
const end = await takeSample();
report();
process.exit();

function openAll() {
  const count = Number(options.clients);
  const settings = {
    transport: options.transport,
    port: Number(options.port),
    link: options.link,
    pollEvery: Number(options.poll),
    message: "abcdefghijklmnopqrstuvwxyz".repeat(100).slice(0, Number(options.size)),
    every: Number(options.every),
  };
  return new Promise((done) => {
    let open = 0;
    const timer = setTimeout(() => fail("not all sessions opened in time"), OPEN_TIMEOUT_MS);
    const onOpen = () => {
      open += 1;
      if (open < count) return;
      clearTimeout(timer);
      done(undefined);
    };
    for (let i = 0; i < count; i += 1) sessions.push(new Session(settings, onOpen, onEcho));
  });
}

/** @param {number} latencyMs */
function onEcho(latencyMs) {
  messages += 1;
  latencies.push(latencyMs);
}

/** @returns {Promise<{ atMs: number, cpuUs: number, ownUs: number, messages: number, up: number, down: number }>} */
function takeSample() {
  return new Promise((done) => {
    ticks.once("line", (line) => {
      const { user, system } = process.cpuUsage();
      done({
        atMs: performance.now(),
        cpuUs: Number(line) / 1000,
        ownUs: user + system,
        messages,
        up: sessions.reduce((sum, { bytesUp }) => sum + bytesUp, 0),
        down: sessions.reduce((sum, { bytesDown }) => sum + bytesDown, 0),
      });
    });
    clock.stdin.write("\n");
  });
}

function report() {
  const count = end.messages - begin.messages;
  if (count === 0) fail("no message came back");
  const us = (end.atMs - begin.atMs) * 1000;
  const sorted = Float64Array.from(latencies).toSorted();
  const latencyUs = (/** @type {number} */ share) =>
    round((sorted[Math.floor(sorted.length * share)] ?? 0) * 1000);
  const figures = {
    cpu_us: round((end.cpuUs - begin.cpuUs) / count),
    rate: Math.round((count / us) * 1e6),
    p50_us: latencyUs(0.5),
    p99_us: latencyUs(0.99),
    busy: round((end.cpuUs - begin.cpuUs) / us),
    load_busy: round((end.ownUs - begin.ownUs) / us),
    bytes_up: round((end.up - begin.up) / count),
    bytes_down: round((end.down - begin.down) / count),
  };
  console.log(JSON.stringify(figures));
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 1000) / 1000;
}

/** @param {number} ms */
function sleep(ms) {
  return new Promise((done) => setTimeout(done, ms));
}
