import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's root, with a slash at the end. */
export const ROOT: string = fileURLToPath(new URL("../../../", import.meta.url));

/** Files by their path from the root, with their text: the repository, or one made up to try a rule on. */
export type Tree = ReadonlyMap<string, string>;

const NOT_OURS = new Set([".git", "node_modules", "dist", ".cache", "__pycache__"]);

/** Reads every text file that is ours. */
export async function readTree(): Promise<Tree> {
  const paths: string[] = [];
  await collect("", paths);
  const files = await Promise.all(
    paths.toSorted().map(async (path) => [path, await readFile(join(ROOT, path), "utf8")] as const),
  );
  return new Map(files.filter(([, text]) => !text.includes("\0")));
}

async function collect(folder: string, paths: string[]): Promise<void> {
  for (const entry of await readdir(join(ROOT, folder), { withFileTypes: true })) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (NOT_OURS.has(entry.name) || entry.name.endsWith(".log")) continue;
    if (entry.isDirectory()) await collect(path, paths);
    else if (entry.isFile()) paths.push(path);
  }
}

/** A made-up tree. */
export function treeOf(files: Readonly<Record<string, string>>): Tree {
  return new Map(Object.entries(files));
}

/** The files of a tree that hold TypeScript or JavaScript, all or those below a folder. */
export function codeIn(tree: Tree, folder?: string): [path: string, text: string][] {
  const start = folder === undefined ? "" : `${folder}/`;
  return [...tree].filter(([path]) => path.startsWith(start) && /\.(?:[cm]?[jt]s|[jt]sx)$/.test(path));
}
