/** Running other programs, and saying what is going on in one line a step. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's root. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/** Something went wrong that is not this program's fault: shown as its message, without a stack. */
export class StepError extends Error {}

/**
 * Runs a program in the root without showing what it prints; fails with all of that if it fails.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import("node:child_process").SpawnOptions} [options]
 * @returns {Promise<string>} what it printed
 */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, ...options, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text) => (output += text));
    }
    child.once("error", reject);
    child.once("close", (code, signal) => {
      if (code === 0) resolve(output);
      else reject(new StepError(output.trim() || `${command} ended with ${signal ?? `code ${code}`}.`));
    });
  });
}

/**
 * Runs the program that an installed package brings along.
 * @param {string} packageName
 * @param {readonly string[]} args
 */
export function runTool(packageName, args) {
  const folder = join(root, "node_modules", packageName);
  const { bin } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = typeof bin === "string" ? bin : String(Object.values(bin)[0]);
  return run(process.execPath, [join(folder, file), ...args]);
}

/**
 * Does one step and reports it in one line with the time it took.
 * @template T
 * @param {string} name
 * @param {() => T | Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(name, work) {
  const startedAt = performance.now();
  const seconds = () => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
  try {
    const result = await work();
    console.log(`✓ ${name} (${seconds()})`);
    return result;
  } catch (error) {
    console.error(`✗ ${name} (${seconds()})`);
    throw error;
  }
}

/**
 * Runs a script's main function: an error ends the process with code 1.
 * @param {() => Promise<void>} main
 */
export async function runMain(main) {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof StepError ? error.message : error);
    process.exitCode = 1;
  }
}
