/**
 * Unpacks the Chromium that the npm package `@sparticuz/chromium` carries, with the fonts and libraries that a bare
 * machine may lack.
 *
 * The package would do it itself, but always to the same places below the temporary folder, where it takes whatever is
 * there already, another version too.
 */
import { spawn } from "node:child_process";
import { createReadStream, createWriteStream, existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";
import { root } from "./process.mjs";

const PACKAGE = join(root, "node_modules/@sparticuz/chromium");
const CACHE = join(root, "node_modules/.cache");

/**
 * The path of a Chromium from npm, unpacked before or now; undefined where it can't run.
 * @returns {Promise<string | undefined>}
 */
export async function unpackChromium() {
  if (process.platform !== "linux" || process.arch !== "x64" || !existsSync(PACKAGE)) return undefined;
  const { version } = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8"));
  const folder = join(CACHE, `chromium-${version}`);
  if (!existsSync(folder)) await unpack(folder);
  return join(folder, "start");
}

/**
 * Several processes may come here at once: each unpacks beside the folder, and the first to move it there wins.
 * @param {string} folder
 */
async function unpack(folder) {
  await mkdir(CACHE, { recursive: true });
  const draft = await mkdtemp(`${folder}-`);
  try {
    await Promise.all([
      pipeline(packed("chromium"), createWriteStream(join(draft, "chromium"), { mode: 0o755 })),
      untar("fonts.tar", draft),
      untar("al2023.tar", draft),
    ]);
    await writeFile(join(draft, "fonts.conf"), fontConfiguration(folder));
    await writeFile(join(draft, "start"), startScript(folder), { mode: 0o755 });
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}

/** @param {string} name */
function packed(name) {
  const file = createReadStream(join(PACKAGE, "bin", `${name}.br`));
  const unpacked = createBrotliDecompress({ chunkSize: 1 << 20 });
  file.once("error", (error) => unpacked.destroy(error));
  return file.pipe(unpacked);
}

/**
 * @param {string} name
 * @param {string} folder
 */
async function untar(name, folder) {
  const tar = spawn("tar", ["-x", "--no-same-owner", "-C", folder], { stdio: ["pipe", "ignore", "ignore"] });
  const ended = new Promise((done, reject) => {
    tar.once("error", reject);
    tar.once("close", (code) =>
      code === 0 ? done(undefined) : reject(new Error(`tar ended with ${code}.`)),
    );
  });
  await Promise.all([pipeline(packed(name), tar.stdin), ended]);
}

/** @param {string} folder */
function fontConfiguration(folder) {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>${folder}/fonts</dir>
  <cachedir>${folder}/font-cache</cachedir>
</fontconfig>
`;
}

/** @param {string} folder */
function startScript(folder) {
  return `#!/bin/sh
export FONTCONFIG_FILE='${folder}/fonts.conf'
export LD_LIBRARY_PATH="\${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}${folder}/lib"
exec '${folder}/chromium' "$@"
`;
}
