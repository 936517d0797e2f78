/** Makes the client for pages without a bundler: one file, one global. */
import { join } from "node:path";
import { readFileSync } from "node:fs";
import { root } from "./process.mjs";

/** Where it goes, below `dist`. */
export const SCRIPT = "browser/client.min.js";

/** Bundles `src/client/script.ts`. What it needs is installed only by the time it is called. */
export async function bundleClientScript() {
  const { build } = await import("esbuild");
  const { version, license } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const holder = /^Copyright .*$/m.exec(readFileSync(join(root, "LICENSE"), "utf8"))?.[0] ?? "";
  await build({
    entryPoints: [join(root, "src/client/script.ts")],
    outfile: join(root, "dist", SCRIPT),
    absWorkingDir: root,
    bundle: true,
    format: "iife",
    platform: "browser",
    target: ["es2022", "chrome110", "firefox115", "safari16.4"],
    minify: true,
    banner: { js: `/*! Switchboard ${version}, ${license}. ${holder} */` },
    sourcemap: true,
    // They are published beside it.
    sourcesContent: false,
    logLevel: "silent",
  });
}
