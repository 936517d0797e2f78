import { posix } from "node:path";
import { tokenize } from "./tokens.ts";
import type { Tree } from "./tree.ts";

/** Folders of tests that stand for no source file. */
const FREE_FOLDERS = new Set([
  "apps",
  "conformance",
  "e2e",
  "house",
  "interop",
  "soak",
  "support",
  "types",
  "wire",
]);

/** Suites that go through a whole folder from outside: what a peer can send, what a stock client can do. */
const FREE_NAMES = new Set(["bad-input", "stock-client", "wire"]);

/** The folders of src. */
export function sourceFolders(tree: Tree): string[] {
  const folders = [...tree.keys()].map((path) => /^src\/([^/]+)\//.exec(path)?.[1]);
  return [...new Set(folders.filter((folder) => folder !== undefined))];
}

/** Folders of src without a README. */
export function findMissingReadmes(tree: Tree): string[] {
  return sourceFolders(tree)
    .map((folder) => `src/${folder}/README.md`)
    .filter((path) => !tree.has(path));
}

/** Folders of src that the map of the house leaves out. */
export function findUnmapped(tree: Tree): string[] {
  const map = tree.get("ARCHITECTURE.md") ?? "";
  return sourceFolders(tree).filter((folder) => !new RegExp(`src/${folder}\\b`).test(map));
}

/**
 * Test files that mirror nothing. `test/packets/errors.test.ts` mirrors `src/packets/errors.ts`, and so would
 * `errors.limits.test.ts`; `test/scripts/lib/x.test.ts` mirrors `scripts/lib/x.mjs`. A folder may be mirrored as a whole.
 */
export function findStrayTests(tree: Tree): string[] {
  const sources = new Set(
    [...tree.keys()].flatMap((path) => [path.replace(/\.(?:tsx?|mjs)$/, ""), posix.dirname(path)]),
  );
  return [...tree.keys()].filter((path) => {
    const name = /^test\/([^.]+)(?:\.[^.]+)?\.test\.ts$/.exec(path)?.[1];
    if (name === undefined) return path.startsWith("test/") && path.includes(".test.");
    const steps = name.split("/");
    if (FREE_FOLDERS.has(steps[0]!) || FREE_NAMES.has(steps.at(-1)!)) return false;
    return !sources.has(`src/${name}`) && !sources.has(name);
  });
}

/** Places where tests are left out: `.only`, `.skip`, `.todo`, and the options of the same names. */
export function findOmittedTests(tree: Tree): string[] {
  return [...tree].flatMap(([path, text]) => {
    if (!path.startsWith("test/") || !path.endsWith(".ts")) return [];
    const tokens = tokenize(text);
    return tokens
      .filter(({ kind, text: name }, index) => {
        if (kind !== "name" || !/^(?:only|skip|todo)$/.test(name)) return false;
        const before = tokens[index - 1]?.text;
        const after = tokens[index + 1]?.text;
        if (before === ".") return after === "(";
        // As an option; with another value than `true`, "only" belongs to something else.
        const isOption = (before === "{" || before === ",") && after === ":";
        return isOption && (name !== "only" || tokens[index + 2]?.text === "true");
      })
      .map(({ text: name, line }) => `${path}:${line}: a test is left out with "${name}"`);
  });
}

/** Comments that switch a rule of the linter off and don't say why, there or in a comment just above. */
export function findUnexplainedDisables(tree: Tree): string[] {
  return [...tree].flatMap(([path, text]) => {
    if (!/\.(?:[cm]?[jt]s|tsx)$/.test(path)) return [];
    const lines = text.split("\n");
    return lines.flatMap((line, index) => {
      if (!/^\s*(?:\/\/|\/\*) oxlint-disable|\S\s*\/\/ oxlint-disable/.test(line)) return [];
      const explained = / -- \S/.test(line) || /^\s*(?:\/\/|\*)/.test(lines[index - 1] ?? "");
      return explained ? [] : [`${path}:${index + 1}: say why the rule is switched off`];
    });
  });
}

/** Places that name a folder of somebody's machine. */
export function findMachinePaths(tree: Tree): string[] {
  const pattern = /(?<![\w.\-/})])\/(?:work|root|home|Users)\/\w/;
  return [...tree].flatMap(([path, text]) =>
    text
      .split("\n")
      .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
  );
}
