/** Makes the client for pages: bundles in which every name that is not public, nor on the wire, is short. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { root } from "./process.mjs";
import { publicNames } from "./public-names.mjs";

/** Where each goes, below `dist`, and what it is made of, below `src`. */
const BUNDLES = /** @type {const} */ ([
  { file: "browser/client.js", entry: "client/browser", format: "esm" },
  { file: "browser/client-websocket.js", entry: "client/websocket-only", format: "esm" },
  { file: "browser/client.min.js", entry: "client/script", format: "iife" },
]);

/** All files that come of it, below `dist`. */
export const BUNDLE_FILES = BUNDLES.flatMap(({ file }) => [file, `${file}.map`]);

/** The oldest browsers that they run in. */
const TARGET = ["es2022", "chrome110", "firefox115", "safari16.4"];

/** What stands on the wire, in a page's storage or in a log, by the name that it has there. */
const WIRE_NAMES = [
  ...["EIO", "transport", "sid", "link", "errors", "move", "ack", "seq", "hold"],
  ...["upgrades", "pingInterval", "pingTimeout", "maxPayload", "pid", "offset"],
  ...["code", "message", "data", "_placeholder", "num"],
  ...["err", "namespace"],
  ...["$seat", "key", "epoch", "sequence", "window", "recovered", "delivery"],
];

/**
 * Names of our own members that platforms have for something else, too, and that stay for that reason unless they stand here. Nothing
 * of a platform is called by one of them in these files.
 */
const OWN_NAMES = [
  ...[
    "attachments",
    "cancel",
    "check",
    "destroy",
    "detach",
    "detached",
    "endpoint",
    "errorFirst",
    "fallback",
    "first",
    "kind",
    "listener",
    "lost",
    "messages",
    "moveBy",
  ],
  ...[
    "moveTo",
    "opening",
    "pause",
    "platform",
    "prepend",
    "release",
    "reset",
    "resume",
    "retry",
    "sendMessage",
    "stop",
    "take",
    "timeoutMs",
    "update",
    "wait",
    "watch",
  ],
];

/** Bundles them from `src`; which names are public is read from the declarations in `dist`. What it needs is installed only by the time it is called. */
export async function bundleClient() {
  const { version, license } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const holder = /^Copyright .*$/m.exec(readFileSync(join(root, "LICENSE"), "utf8"))?.[0] ?? "";
  const names = publicNames(
    BUNDLES.map(({ entry }) => join(root, "dist", `${entry}.d.ts`)),
    ["client", "packets", "shared"].map((folder) => join(root, "dist", folder)),
  );
  for (const { file, entry, format } of BUNDLES) {
    const target = join(root, "dist", file);
    const bundled = await bundle(join(root, "src", `${entry}.ts`), target, format);
    const { code, map } = await shorten(bundled, [...names, ...WIRE_NAMES], basename(file));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(
      target,
      `/*! Switchboard ${version}, ${license}. ${holder} */${code}\n//# sourceMappingURL=${basename(file)}.map\n`,
    );
    writeFileSync(`${target}.map`, map);
  }
}

/**
 * One file, with the names of its variables made short.
 * @param {string} entry
 * @param {string} outfile
 * @param {"esm" | "iife"} format
 */
async function bundle(entry, outfile, format) {
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    entryPoints: [entry],
    outfile,
    absWorkingDir: root,
    bundle: true,
    format,
    platform: "browser",
    target: TARGET,
    mangleProps: new RegExp(`^(?:${OWN_NAMES.join("|")})$`),
    minifyIdentifiers: true,
    minifySyntax: true,
    sourcemap: "external",
    // They are published beside it.
    sourcesContent: false,
    write: false,
    logLevel: "silent",
  });
  const [map, code] = outputFiles.map(({ text }) => text);
  return { code: code ?? "", map: map ?? "" };
}

/**
 * The same with short names for members. A name that is also a string somewhere may be what is looked up, and stays, as do all that
 * platforms have.
 * @param {{ code: string, map: string }} bundled
 * @param {readonly string[]} names What must stay as it is.
 * @param {string} file
 */
async function shorten({ code, map }, names, file) {
  const { minify } = await import("terser");
  const strings = Array.from(code.matchAll(/"([\w-]+)"/g), ([, name = ""]) => name);
  const run = (/** @type {Readonly<Record<string, string>>} */ shortNames) => {
    const nameCache = { props: { props: { ...shortNames } } };
    const result = minify(
      { [file]: code },
      {
        module: true,
        ecma: 2020,
        compress: { passes: 3, inline: 3, reduce_funcs: false, unsafe_methods: true },
        mangle: { properties: { reserved: [...names, ...strings] } },
        nameCache,
        // By which a bundler leaves out what a page does not import.
        format: { preserve_annotations: true },
        sourceMap: { content: map, filename: file },
      },
    );
    return { result, nameCache };
  };
  // The first run gives short names in the order in which it meets the long ones.
  const first = run({});
  await first.result;
  const result = await run(shortestFirst(code, first.nameCache.props.props)).result;
  return { code: result.code ?? "", map: String(result.map) };
}

/**
 * The same short names, given anew: the shortest to the members that stand most often in the code.
 * @param {string} code
 * @param {Readonly<Record<string, string>>} shortNames As terser keeps them: a long name begins with a `$`.
 */
function shortestFirst(code, shortNames) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const [word] of code.matchAll(/[\w$]+/g)) counts.set(`$${word}`, (counts.get(`$${word}`) ?? 0) + 1);
  const long = Object.keys(shortNames).toSorted((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0));
  const short = Object.values(shortNames).toSorted((a, b) => a.length - b.length);
  return Object.fromEntries(long.map((name, at) => [name, short[at] ?? name]));
}
