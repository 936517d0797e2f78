/** Builds the package and the apps. */
import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { BUNDLE_FILES, bundleClient } from "./client-bundles.mjs";
import { root, runTool, step } from "./process.mjs";

/** Builds everything. */
export async function build() {
  await step("build switchboard", buildPackage);
  const chat = join(root, "apps/chat/build.mjs");
  if (existsSync(chat)) {
    await step("build apps/chat", async () => {
      const { build: buildChat } = await import(pathToFileURL(chat).href);
      await buildChat();
    });
  }
}

async function buildPackage() {
  await runTool("typescript", ["-p", "tsconfig.build.json"]);
  await bundleClient();
  await removeStale();
}

/**
 * Removes what earlier builds left behind and src no longer has. Emptying dist first would do it too, but would pull
 * the files from under a server that runs from there.
 */
async function removeStale() {
  const expected = new Set(BUNDLE_FILES);
  for (const file of await filesUnder("src")) {
    if (!file.endsWith(".ts") || file.endsWith(".d.ts")) continue;
    const base = file.slice(0, -".ts".length);
    for (const ending of [".js", ".js.map", ".d.ts", ".d.ts.map"]) expected.add(base + ending);
  }
  for (const file of await filesUnder("dist")) {
    if (!expected.has(file)) await rm(join(root, "dist", file));
  }
}

/**
 * The files below a folder, as paths from there.
 * @param {string} folder
 */
async function filesUnder(folder) {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
  const from = join(root, folder).length + 1;
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(from));
}
