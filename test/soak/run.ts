/**
 * `npm run soak -- [--connections 10000] [--seconds 120]`: holds idle connections, replaces one in a hundred every second, and
 * checks that none is lost and that the server's memory is what it was when all have left. With `--scene sockets [--cycles 100000]`, clients with
 * namespaces, rooms and questions come and go instead.
 */
import { fork, spawnSync } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { heapBytes } from "../../fuzz/lib/memory.ts";
import { WebSocketServer } from "../../src/websocket/index.ts";
import { portOf } from "../support/listen.ts";
import type { Count, Order } from "./clients.ts";
import { churnSockets } from "./sockets.ts";

/** Files that a process has open beside its connections. */
const OTHER_FILES = 200;
const CHURN_SHARE = 0.01;
/** What may stay: a share of what was there, and a little more for what is compiled on the way. */
const MAX_GROWTH_SHARE = 0.1;
const MAX_GROWTH_BYTES = 5 * 1024 * 1024;
/** What is compiled, and what grows once, does not count. */
const SOCKETS_WARM_UP = 1000;
const MEBIBYTE = 1024 * 1024;
/** The clients must never take longer than this over one order. */
const ORDER_TIMEOUT_MS = 120_000;
const RAISED = "SOAK_LIMIT_RAISED";

class SoakError extends Error {}

const { values } = parseArgs({
  options: {
    scene: { type: "string", default: "connections" },
    connections: { type: "string", default: "10000" },
    seconds: { type: "string", default: "120" },
    cycles: { type: "string", default: "100000" },
  },
});
const { scene } = values;
const cycles = Number(values.cycles);
const connections = Number(values.connections);
const seconds = Number(values.seconds);

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** What the operating system lets a process have open, of each kind. */
function openFiles(kind: "-Sn" | "-Hn"): number {
  const { stdout } = spawnSync("sh", ["-c", `ulimit ${kind}`], { encoding: "utf8" });
  const text = stdout.trim();
  return text === "unlimited" ? Number.POSITIVE_INFINITY : Number(text);
}

/** Runs this program again in a shell that has raised its soft limit; returns its exit code. */
function runWithRaisedLimit(needed: number): number {
  const command = `ulimit -Sn ${needed} && exec "$0" "$@"`;
  const args = ["-c", command, process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const { status } = spawnSync("sh", args, { stdio: "inherit", env: { ...process.env, [RAISED]: "yes" } });
  return status ?? 1;
}

async function measure(when: string): Promise<number> {
  const used = await heapBytes();
  const { rss, heapUsed } = process.memoryUsage();
  const mib = (bytes: number): string => `${(bytes / MEBIBYTE).toFixed(1)} MiB`;
  say(`${when.padEnd(28)} rss ${mib(rss)}, heap ${mib(heapUsed)}, heap and buffers ${mib(used)}`);
  return used;
}

async function soak(): Promise<void> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", backlog: 1024 });
  await new Promise<void>((resolve) => server.once("listening", () => resolve()));
  const clients = fork(fileURLToPath(new URL("clients.ts", import.meta.url)));
  const ask = async (order: Order): Promise<Count> => {
    clients.send(order);
    const [count] = (await once(clients, "message", { signal: AbortSignal.timeout(ORDER_TIMEOUT_MS) })) as [
      Count,
    ];
    if (count.error !== undefined) throw new SoakError(`The clients failed: ${count.error}`);
    return count;
  };
  /** The server hears of a change a little later than the clients. */
  const settle = async (expected: number): Promise<void> => {
    const untilMs = performance.now() + ORDER_TIMEOUT_MS;
    while (server.clients.size !== expected) {
      if (performance.now() > untilMs)
        throw new SoakError(`The server has ${server.clients.size} connections, not ${expected}.`);
      await new Promise((resolve) => void setImmediate(resolve));
    }
  };
  try {
    const port = portOf(server);
    // Compiles what connecting takes, so that it does not count.
    await ask({ open: Math.min(connections, 500), port });
    await ask({ leave: true });
    await settle(0);
    const before = await measure("at the start");
    await ask({ open: connections, port });
    await settle(connections);
    const full = await measure(`with ${connections} connections`);
    say(`${"each".padEnd(28)} ${((full - before) / connections / 1024).toFixed(2)} KiB of heap and buffers`);

    const churn = Math.ceil(connections * CHURN_SHARE);
    const endMs = performance.now() + seconds * 1000;
    let replaced = 0;
    for (let nextMs = performance.now() + 1000; performance.now() < endMs; nextMs += 1000) {
      await new Promise((resolve) => void setTimeout(resolve, Math.max(0, nextMs - performance.now())));
      const { held, lost } = await ask({ churn });
      replaced += churn;
      if (lost > 0) throw new SoakError(`The server ended ${lost} connections that were to stay.`);
      await settle(held);
    }
    await measure(`${seconds} s and ${replaced} others later`);

    const { lost } = await ask({ leave: true });
    await settle(0);
    const after = await measure("when all have left");
    if (lost > 0) throw new SoakError(`The server ended ${lost} connections that were to stay.`);
    checkReturned(before, after);
    say("No connection was lost, and memory returned.");
  } finally {
    clients.disconnect();
    await server.shutdown();
  }
}

/** Clients of ours with a server of ours: see `sockets.ts`. */
async function soakSockets(): Promise<void> {
  const { before, after, abandoned } = await churnSockets(SOCKETS_WARM_UP, cycles);
  const mib = (bytes: number): string => `${(bytes / MEBIBYTE).toFixed(1)} MiB`;
  say(`${mib(before)} of heap and buffers at the start, ${mib(after)} after ${cycles} clients`);
  say(`${abandoned} questions have ended unanswered`);
  checkReturned(before, after);
  say("Memory returned.");
}

function checkReturned(before: number, after: number): void {
  const allowed = before * (1 + MAX_GROWTH_SHARE) + MAX_GROWTH_BYTES;
  if (after > allowed) throw new SoakError(`Memory did not return: ${after} bytes, ${before} at the start.`);
}

const needed = connections + OTHER_FILES;
try {
  if (scene !== "connections" && scene !== "sockets")
    throw new SoakError(`There are the scenes "connections" and "sockets", but no "${scene}".`);
  if (!(connections >= 1) || !(seconds >= 0) || !(cycles >= 1))
    throw new SoakError("--connections, --seconds and --cycles want numbers.");
  if (scene === "sockets") await soakSockets();
  else if (openFiles("-Sn") >= needed) await soak();
  else if (openFiles("-Hn") >= needed && process.env[RAISED] === undefined)
    process.exitCode = runWithRaisedLimit(needed);
  else {
    throw new SoakError(
      `This machine lets a process open ${openFiles("-Hn")} files, and ${connections} connections need ${needed}: ` +
        `raise the limit ("ulimit -Hn", or nofile in /etc/security/limits.conf) or ask for fewer with --connections.`,
    );
  }
} catch (error) {
  process.stderr.write(`${error instanceof SoakError ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
