/** Measures one work on one server. */
import { createInterface } from "node:readline";
import { BenchError, end, run, start } from "./children.mjs";
import { compressedMessages, loadGenerator } from "./paths.mjs";

/**
 * @typedef {object} Figures what the load generator reports: the first two of idle connections, the others of messages
 * @property {number} [accept_us] CPU time to accept a connection
 * @property {number} [idle_kb] memory of a connection
 * @property {number} [cpu_us] CPU time of a message or delivery
 * @property {number} [rate] messages or deliveries a second
 * @property {number} [p50_us] time to the echo, or for a broadcast to the last delivery of a turn
 * @property {number} [p99_us]
 * @property {number} [busy] how much of its core the server used
 * @property {number} [load_busy] how much of its own the load used, where it is not written in C
 * @property {number} [stalled_ratio] p99 of those who read while others don't, times what it was before
 * @property {number} [stalled_kb] memory for each of those who don't
 * @property {number} [p99_before_us]
 * @property {number} [ended] connections that have ended meanwhile
 * @property {number} [bytes_up] bytes of TCP from client to server for a message, with the headers of requests
 * @property {number} [bytes_down]
 */

const SERVER_CORE = "0";
const LOAD_CORE = "1";
/** The load generator's exit code for a server that did not agree to compression. */
const NOT_NEGOTIATED = 3;

/**
 * Starts a server, puts the load on it, ends it. Undefined if the server can't do this work.
 * @param {import("./works.mjs").Work} work
 * @param {import("./servers.mjs").ServerKind} kind
 * @param {{ node: string, seconds: number }} settings
 * @returns {Promise<Figures | undefined>}
 */
export async function measure(work, kind, { node, seconds }) {
  const server = start(["taskset", "-c", SERVER_CORE, ...kind.command(node), ...work.server], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  try {
    const firstLine = await readLine(server);
    if (firstLine.startsWith("unsupported")) return undefined;
    const load = [...work.load, "-p", firstLine, "-i", String(server.pid), "-d", String(seconds)];
    if (kind.isRaw) load.push("-r");
    if (work.deflate) load.push("-f", compressedMessages);
    const program = work.program ? [process.execPath, work.program] : [loadGenerator];
    const { code, output, errors } = await run(["taskset", "-c", LOAD_CORE, ...program, ...load]);
    if (code === NOT_NEGOTIATED) return undefined;
    if (code !== 0)
      throw new BenchError(`The load on ${kind.title} failed: ${errors.trim() || "it came to no end"}`);
    return JSON.parse(output);
  } finally {
    await end(server);
  }
}

/**
 * @param {import("node:child_process").ChildProcess} child
 * @returns {Promise<string>}
 */
function readLine(child) {
  return new Promise((done, reject) => {
    child.once("error", reject);
    child.once("close", (code) => reject(new BenchError(`A server ended at its start (code ${code}).`)));
    createInterface({ input: child.stdout }).once("line", done);
  });
}
