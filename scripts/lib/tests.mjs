/** Finds tests and runs them with node:test. */
import { spawn } from "node:child_process";
import { readdir, readFile, stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join, relative, resolve } from "node:path";
import { root, StepError } from "./process.mjs";

/** How long a process with tests may take, in milliseconds; what doesn't end by itself is a bug. */
const TIMEOUT_MS = 240_000;

/** How many of them run at a time: one more than there are cores, as many a test waits, for a browser or until a fault is over. */
const CONCURRENCY = availableParallelism() + 1;

/**
 * The test files that paths name: files themselves, folders with all below. Sorted, from the root.
 * @param {readonly string[]} paths
 */
export async function collectTests(paths) {
  /** @type {Set<string>} */
  const files = new Set();
  for (const path of paths) {
    const absolute = resolve(root, path);
    const stats = await stat(absolute).catch(() => undefined);
    if (stats === undefined) throw new StepError(`There is no test at ${path}.`);
    if (stats.isFile()) files.add(absolute);
    else for (const file of await testsUnder(absolute)) files.add(file);
  }
  if (files.size === 0) throw new StepError(`There are no tests in ${paths.join(", ")}.`);
  return [...files].map((file) => relative(root, file)).toSorted();
}

/** @param {string} folder */
async function testsUnder(folder) {
  const names = await readdir(folder, { recursive: true });
  return names.filter((name) => name.endsWith(".test.ts")).map((name) => join(folder, name));
}

/**
 * Whether any of the files uses something, by the text that says so.
 * @param {readonly string[]} files
 * @param {RegExp} sign
 */
async function anyUses(files, sign) {
  const texts = await Promise.all(files.map((file) => readFile(join(root, file), "utf8")));
  return texts.some((text) => sign.test(text));
}

/**
 * Whether any of the files uses a browser.
 * @param {readonly string[]} files
 */
export function needsBrowser(files) {
  return anyUses(files, /playwright|browser\.mjs/);
}

/**
 * Whether any of the files uses Firefox, if it is there.
 * @param {readonly string[]} files
 */
export function wantsFirefox(files) {
  return anyUses(files, /firefox\.mjs/);
}

/**
 * Runs test files, shows the report and returns the exit code.
 * @param {readonly string[]} files
 * @param {"spec" | "dot"} [reporter]
 * @returns {Promise<number>}
 */
export function runTests(files, reporter = "spec") {
  const args = [
    `--import=${new URL("typescript.mjs", import.meta.url).href}`,
    "--test",
    `--test-reporter=${reporter}`,
    `--test-timeout=${TIMEOUT_MS}`,
    `--test-concurrency=${CONCURRENCY}`,
    ...files,
  ];
  return new Promise((done, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
    child.once("error", reject);
    child.once("close", (code) => done(code ?? 1));
  });
}
