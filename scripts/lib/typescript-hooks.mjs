/** Module hooks of Node: TypeScript without its types. What was made once is kept, by content, for the next process. */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const CACHE = fileURLToPath(new URL("../../node_modules/.cache/typescript-hooks", import.meta.url));

/** @type {import("node:module").LoadHook} */
export async function load(url, context, nextLoad) {
  if (!/^file:.*\.ts(?:\?.*)?$/.test(url)) return nextLoad(url, context);
  const path = fileURLToPath(url.replace(/\?.*/, ""));
  const text = readFileSync(path, "utf8");
  // The map names the path.
  const kept = join(CACHE, `${createHash("sha1").update(`${path}\0${text}`).digest("hex")}.mjs`);
  const source = readKept(kept) ?? (await strip(text, path, kept));
  return { format: "module", source, shortCircuit: true };
}

/** @param {string} kept */
function readKept(kept) {
  try {
    return readFileSync(kept, "utf8");
  } catch {
    return undefined;
  }
}

/**
 * @param {string} text
 * @param {string} path
 * @param {string} kept
 */
async function strip(text, path, kept) {
  const { transform } = await import("esbuild");
  const { code } = await transform(text, {
    loader: "ts",
    format: "esm",
    target: "node20",
    sourcefile: path,
    sourcemap: "inline",
    sourcesContent: false,
  });
  mkdirSync(CACHE, { recursive: true });
  // Others may be at the same file.
  const own = `${kept}.${process.pid}`;
  writeFileSync(own, code);
  renameSync(own, kept);
  return code;
}
