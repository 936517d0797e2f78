/** Hooks of Node's loader that change the text of one module. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** @type {{ readonly url: string, readonly edits: readonly (readonly [find: string, replace: string])[] }} */
let bug;

/** @param {typeof bug} data */
export function initialize(data) {
  bug = data;
}

/**
 * @param {string} url
 * @param {object} context
 * @param {(url: string, context: object) => Promise<object>} nextLoad
 */
export async function load(url, context, nextLoad) {
  if (url !== bug.url) return nextLoad(url, context);
  let source = await readFile(fileURLToPath(url), "utf8");
  for (const [find, replace] of bug.edits) {
    const parts = source.split(find);
    // Else it would be said that a bug was not found which was not there.
    if (parts.length !== 2) throw new Error(`${url} has ${parts.length - 1} places with: ${find}`);
    source = parts.join(replace);
  }
  return { format: "module", source, shortCircuit: true };
}
