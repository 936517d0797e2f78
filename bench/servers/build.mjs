/** Which build of Switchboard is measured. */
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { options } from "./options.mjs";

/**
 * Imports a public entry of the build here, or with `--package FOLDER` of the one there.
 * @param {string} entry
 */
export function importOurs(entry) {
  if (options.package === undefined) return import(entry);
  const { resolve: find } = createRequire(join(resolve(options.package), "package.json"));
  return import(pathToFileURL(find(entry)).href);
}
