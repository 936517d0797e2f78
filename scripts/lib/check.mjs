/** The checks that don't run the code: types, lint, format, and the package as others will get it. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { root, runTool, step, StepError } from "./process.mjs";

/** What is linted and formatted, as far as it exists. */
const SOURCES = [
  "src",
  "test",
  "conformance",
  "chaos",
  "fuzz",
  "bench",
  "scripts",
  "examples",
  "apps",
].filter((folder) => existsSync(join(root, folder)));

/** Each is a world of its own: without Node, without a page, all together, and each workspace. */
const PROJECTS = [
  "tsconfig.browser.json",
  "tsconfig.server.json",
  "tsconfig.json",
  "apps/chat/tsconfig.json",
  "bench/tsconfig.json",
].filter((file) => existsSync(join(root, file)));

/** @type {[name: string, work: () => Promise<unknown>][]} */
const CHECKS = [
  ["types", () => Promise.all(PROJECTS.map((project) => runTool("typescript", ["-p", project, "--noEmit"])))],
  ["lint", () => runTool("oxlint", ["--format=unix", ...SOURCES])],
  ["format", () => runTool("oxfmt", ["--list-different", ...SOURCES])],
  ["package", () => runTool("publint", ["run", "--strict"])],
  ["package types", () => runTool("@arethetypeswrong/cli", ["--pack", "--profile", "esm-only"])],
];

/** Runs every check on what has been built, all at a time, and fails in the end if any failed. */
export async function check() {
  /** @type {string[]} */
  const failed = [];
  const attempts = CHECKS.map(async ([name, work]) => {
    await step(name, work).catch((error) => {
      console.error(error instanceof StepError ? error.message : error);
      failed.push(name);
    });
  });
  await Promise.all(attempts);
  if (failed.length > 0) throw new StepError(`Failed: ${failed.join(", ")}.`);
}

/** Formats, and applies the fixes that the linter is sure of. */
export async function fix() {
  await step("fix", async () => {
    await runTool("oxlint", ["--fix", "--quiet", ...SOURCES]).catch(() => {
      // What is left is reported by the check that follows.
    });
    await runTool("oxfmt", SOURCES);
  });
}
