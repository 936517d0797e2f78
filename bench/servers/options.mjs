/** What the servers have in common: their options, and how they say that they are ready. */
import { parseArgs } from "node:util";

/**
 * `--deflate`: with permessage-deflate. `--broadcast N`: a message is answered with N messages to all, or with `--rooms N`,
 * among which the connections are dealt out in turn, each to one of the rooms. `--ticks`: all get an event twenty times a second, and who asks for it a
 * large one. `--delivery memory` or `disk`: events are kept in a log.
 */
export const options = parseArgs({
  options: {
    deflate: { type: "boolean", default: false },
    broadcast: { type: "string", default: "0" },
    rooms: { type: "string", default: "0" },
    ticks: { type: "boolean", default: false },
    prepared: { type: "boolean", default: false },
    delivery: { type: "string" },
    package: { type: "string" },
  },
}).values;

/** How many messages a message makes the server send to everyone; 0: it is echoed instead. */
export const broadcasts = Number(options.broadcast);

/** What is broadcast: 64 bytes. */
export const news = "abcdefghijklmnopqrstuvwxyz".repeat(3).slice(0, 64);

/**
 * Tells the runner the port, and sees to it that the server ends with the runner.
 * @param {number} port
 */
export function ready(port) {
  console.log(port);
  process.stdin.resume().once("end", () => process.exit());
}

/**
 * Says that the server can't do what the options ask for.
 * @param {string} what
 */
export function unsupported(what) {
  console.log(`unsupported: ${what}`);
  process.exit();
}
