/** Has small test files share a process: most of their time is its start, and the loading of what they test. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./process.mjs";

/** Folders whose files share; elsewhere are browsers, other programs, and files that take long. */
const FOLDERS = [
  "client",
  "engine",
  "integrations",
  "log",
  "packets",
  "protocol",
  "shared",
  "sockets",
  "testing",
  "websocket",
].map((folder) => join("test", folder, "/"));
/** These look at the memory of their process. */
const ALONE = /\.memory\.test\.ts$/;
const FILES_PER_BATCH = 8;

const CACHE = join(root, "node_modules/.cache/tests");

/**
 * The files to run instead of these: some of them, and some that import the others, several each.
 * @param {readonly string[]} files
 */
export function inBatches(files) {
  rmSync(CACHE, { recursive: true, force: true });
  mkdirSync(CACHE, { recursive: true });
  const shares = (/** @type {string} */ file) =>
    FOLDERS.some((folder) => file.startsWith(folder)) && !ALONE.test(file);
  const batches = FOLDERS.flatMap((folder) => {
    const inside = files.filter((file) => file.startsWith(folder) && shares(file));
    const count = Math.ceil(inside.length / FILES_PER_BATCH);
    return Array.from({ length: count }, (_, at) => {
      // Neighbours are often alike, and alike slow.
      const part = inside.filter((_file, index) => index % count === at);
      const path = join(CACHE, `${folder.replace(/\W+/g, "-")}${at + 1}.test.mjs`);
      writeFileSync(path, part.map((file) => `import "${pathToFileURL(join(root, file)).href}";\n`).join(""));
      return path;
    });
  });
  return [...files.filter((file) => !shares(file)), ...batches];
}
