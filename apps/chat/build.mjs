import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { build as bundle } from "esbuild";

const here = fileURLToPath(new URL("./", import.meta.url));
const page = `${here}src/page/`;
const site = `${here}dist/public/`;

/**
 * Builds the chat: the page to `dist/public/`, the server to `dist/server.js`. The server loads
 * `switchboard` by name at run time; the page carries the browser client inside.
 */
export async function build() {
  await mkdir(site, { recursive: true });
  const [{ metafile }] = await Promise.all([bundlePage(), bundleServer()]);
  await copyFile(`${page}favicon.svg`, `${site}favicon.svg`);
  await writeFile(`${site}index.html`, fill(await readFile(`${page}index.html`, "utf8"), assets(metafile)));
  await removeStale(Object.keys(metafile.outputs));
}

function bundlePage() {
  return bundle({
    entryPoints: [`${page}main.tsx`],
    outdir: site,
    bundle: true,
    format: "esm",
    target: ["es2022", "chrome110", "firefox115", "safari16.4"],
    minify: true,
    sourcemap: false,
    metafile: true,
    jsx: "automatic",
    jsxImportSource: "preact",
    entryNames: "assets/[name]-[hash]",
    assetNames: "assets/[name]-[hash]",
    publicPath: "/",
    loader: { ".woff2": "file" },
    tsconfig: `${here}tsconfig.json`,
    absWorkingDir: here,
  });
}

function bundleServer() {
  return bundle({
    entryPoints: [`${here}src/server/index.ts`],
    outfile: `${here}dist/server.js`,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    external: ["switchboard"],
    tsconfig: `${here}tsconfig.json`,
    absWorkingDir: here,
  });
}

/** Removes the assets of earlier builds: last, so that a chat that starts meanwhile finds a whole page. */
async function removeStale(outputs) {
  const current = new Set(outputs.map((path) => basename(path)));
  for (const name of await readdir(`${site}assets`)) {
    if (!current.has(name)) await rm(`${site}assets/${name}`);
  }
}

/** The hashed names that esbuild chose, as addresses. */
function assets(metafile) {
  const names = Object.keys(metafile.outputs).map((path) => `/assets/${basename(path)}`);
  const find = (ending) => names.find((name) => name.endsWith(ending));
  return { script: find(".js"), style: find(".css"), font: find(".woff2") };
}

function fill(template, values) {
  return template.replace(/\{\{(\w+)\}\}/g, (_, key) => {
    if (values[key] === undefined)
      throw new Error(`index.html asks for {{${key}}}, which the build has not made.`);
    return values[key];
  });
}
