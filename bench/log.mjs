/** `npm run bench:log`: what logs cost; with `--engines`, what storage engines do below them. Prints; nothing is written. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { compareEngines } from "./lib/log-engines.mjs";
import { cache } from "./lib/paths.mjs";
import { preparePackages } from "./lib/prepare.mjs";

await preparePackages("dist/log/disk.js");
const { memoryLog } = await import("switchboard/log");
const { diskLog } = await import("switchboard/log/disk");
// A folder for temporary files may be in memory.
mkdirSync(cache, { recursive: true });
const path = mkdtempSync(join(cache, "bench-log-"));

const host = {
  clock: {
    now: () => performance.now(),
    setTimeout: (callback, delayMs) => {
      const timer = setTimeout(() => callback(), delayMs).unref();
      return { cancel: () => clearTimeout(timer) };
    },
  },
  random: { bytes: (length) => crypto.getRandomValues(new Uint8Array(length)), fraction: Math.random },
  wallTimeMs: () => Date.now(),
  seatLifetimeMs: 120_000,
  maxVacantSeats: 1_000_000,
  maxVacantSeatBytes: 2 ** 30,
  onError: (error) => console.error(error),
};
/** 256 bytes each, and nothing that could be compressed to less than three quarters. */
const entries = Array.from({ length: 64 }, () => ({
  type: "event",
  id: undefined,
  rooms: ["room"],
  except: [],
  body: JSON.stringify([
    "said",
    Buffer.from(crypto.getRandomValues(new Uint8Array(184)))
      .toString("base64")
      .slice(0, 245),
  ]),
  attachments: [],
}));

function append(log, times) {
  return new Promise((resolve, reject) => {
    let left = times;
    const appending = { onCommitted: () => --left === 0 && resolve(), onFailed: reject };
    for (let count = 0; count < times; count++) log.append(entries[count % entries.length], appending);
  });
}

/** Appends so many in each turn, as long as no more than `window` wait; for some seconds. */
async function rate(log, perTurn, window, seconds) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const began = performance.now();
  const cpu = process.cpuUsage();
  let [appended, told] = [0, 0];
  const appending = { onCommitted: () => told++, onFailed: (error) => console.error(error) };
  while (performance.now() - began < seconds * 1000) {
    for (let count = 0; count < perTurn && appended - told < window; count++, appended++) {
      log.append(entries[appended % entries.length], appending);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  while (told < appended) await new Promise((resolve) => setTimeout(resolve, 1));
  const { user, system } = process.cpuUsage(cpu);
  delay.disable();
  const blocked = Math.round(delay.max / 1e6);
  const perSecond = Math.round((told / (performance.now() - began)) * 1000);
  return `${perSecond.toLocaleString("en")} appends/s, ${((user + system) / told).toFixed(2)} µs of CPU each, event loop blocked up to ${blocked} ms`;
}

async function latency(log, times) {
  const taken = [];
  for (let count = 0; count < times; count++) {
    const began = performance.now();
    await append(log, 1);
    taken.push(performance.now() - began);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  taken.sort((one, other) => one - other);
  return `p50 ${taken[times >> 1].toFixed(2)} ms, p99 ${taken[Math.floor(times * 0.99)].toFixed(2)} ms`;
}

async function measureMemory() {
  const log = memoryLog()("/", host);
  console.log(`memory: ${await rate(log, 1000, Infinity, 2)}`);
  const before = process.memoryUsage().rss;
  for (let seat = 0; seat < 100_000; seat++) {
    const socketId = `socket-${seat}-0123456789`;
    const record = { socketId, stays: [], data: undefined, since: 0, confirmed: 0, sequence: 0 };
    log.saveSeat(`key-${seat}-01234567890123456789`, record, 1);
  }
  const bytes = Math.round((process.memoryUsage().rss - before) / 100_000);
  console.log(`memory: ${bytes} bytes of RSS for a seat, its texts with it`);
  await log.close();
}

async function measureDisk() {
  const folder = join(path, "log");
  let logs = await diskLog({ path: folder });
  let log = logs("/", host);
  console.log(`disk, one at a time: ${await latency(log, 500)}`);
  for (const window of [100, 500, 5000]) {
    console.log(`disk, at most ${window} waiting: ${await rate(log, window, window, 4)}`);
  }
  const { head } = log;
  await logs.close();
  const began = performance.now();
  logs = await diskLog({ path: folder });
  const took = Math.round(performance.now() - began);
  console.log(`disk, opening ${head.toLocaleString("en")} entries: ${took} ms`);
  await logs.close();

  logs = await diskLog({ path: folder, maxBytes: 64 * 2 ** 20 });
  log = logs("/", host);
  console.log(`disk, at most 5000 waiting, while old ones go: ${await rate(log, 5000, 5000, 10)}`);
  await logs.close();
}

if (process.argv.includes("--engines")) {
  await compareEngines(path);
} else {
  await measureMemory();
  await measureDisk();
}
rmSync(path, { recursive: true });
