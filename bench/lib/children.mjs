/** Starts other programs and sees to it that none outlives this one. */
import { spawn } from "node:child_process";
import { bench } from "./paths.mjs";

/** What the user should read as one sentence, without a stack. */
export class BenchError extends Error {}

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();

/**
 * Starts a program in this folder.
 * @param {readonly string[]} command
 * @param {import("node:child_process").SpawnOptions} [options]
 */
export function start([program, ...args], options = {}) {
  const child = spawn(program, args, { cwd: bench, stdio: ["pipe", "pipe", "pipe"], ...options });
  running.add(child);
  child.once("close", () => running.delete(child));
  child.once("error", () => running.delete(child));
  // A child that is gone already must not end this process by a broken pipe.
  child.stdin?.on("error", () => {});
  return child;
}

/**
 * Runs a program to its end and returns what it printed.
 * @param {readonly string[]} command
 * @param {import("node:child_process").SpawnOptions} [options]
 * @returns {Promise<{ code: number | null, output: string, errors: string }>}
 */
export function run(command, options) {
  return new Promise((done, reject) => {
    const child = start(command, options);
    let output = "";
    let errors = "";
    child.stdout?.setEncoding("utf8").on("data", (text) => (output += text));
    child.stderr?.setEncoding("utf8").on("data", (text) => (errors += text));
    child.once("error", reject);
    child.once("close", (code) => done({ code, output, errors }));
  });
}

/**
 * Ends a program and waits until it is gone.
 * @param {import("node:child_process").ChildProcess} child
 * @returns {Promise<void>}
 */
export function end(child) {
  if (!running.has(child)) return Promise.resolve();
  return new Promise((done) => {
    child.once("close", () => done());
    child.kill("SIGKILL");
  });
}

/** Ends all children with this process, however it ends. A server also ends when its input does. */
export function endChildrenAtExit() {
  process.once("exit", () => {
    for (const child of running) child.kill("SIGKILL");
  });
  process.once("SIGINT", () => process.exit(130));
  process.once("SIGTERM", () => process.exit(143));
}
