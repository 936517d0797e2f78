/** Packages of the distribution, for what npm does not have. */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { run } from "./process.mjs";

/** Whether packages can be installed here: as root, on Debian or on what is made from it. */
export function canInstall() {
  return process.getuid?.() === 0 && existsSync("/etc/debian_version");
}

/**
 * Installs packages; fails if that is not possible.
 * @param {readonly string[]} packages
 */
export async function installWithApt(packages) {
  if (!canInstall()) throw new Error("Packages can be installed by root on Debian only.");
  const options = { env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } };
  const wait = "-oDPkg::Lock::Timeout=300";
  await run("apt-get", [wait, "update"], options);
  await run("apt-get", [wait, "install", "--yes", "--no-install-recommends", ...packages], options);
}

/**
 * The path of a program, also where only root looks.
 * @param {string} name
 */
export function findProgram(name) {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}
