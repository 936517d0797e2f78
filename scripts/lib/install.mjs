/** Makes sure that Node is new enough and that what package-lock.json asks for is installed. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root, run, step, StepError } from "./process.mjs";

/** Checks Node's version and installs what is missing: after this, packages can be imported. */
export async function install() {
  checkNodeVersion();
  if (!isInstalled()) await step("install", installPackages);
}

function checkNodeVersion() {
  const { engines } = readJson("package.json");
  const wanted = engines.node.replace(/^>=/, "");
  if (process.versions.node.localeCompare(wanted, "en", { numeric: true }) < 0) {
    throw new StepError(
      `Switchboard needs Node ${wanted} or later, and this is ${process.versions.node}: see https://nodejs.org.`,
    );
  }
}

/** Whether node_modules holds every package of the lockfile, in its version. */
function isInstalled() {
  const record = "node_modules/.package-lock.json";
  if (!existsSync(join(root, record))) return false;
  const installed = readJson(record).packages;
  return Object.entries(readJson("package-lock.json").packages).every(([path, wanted]) => {
    if (path === "" || wanted.link) return true;
    // Optional packages are there for one platform and not for another.
    return path in installed ? installed[path].version === wanted.version : wanted.optional;
  });
}

async function installPackages() {
  const args = ["ci", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"];
  const npm = process.env["npm_execpath"];
  if (npm === undefined) await run("npm", args, { shell: process.platform === "win32" });
  else await run(process.execPath, [npm, ...args]);
}

/** @param {string} path */
function readJson(path) {
  return JSON.parse(readFileSync(join(root, path), "utf8"));
}
