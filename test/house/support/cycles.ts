import { findImports } from "./imports.ts";
import { resolveImport } from "./import-rules.ts";
import { codeIn, type Tree } from "./tree.ts";

/** Which file of a tree imports which, types included. */
export function importGraph(tree: Tree): Map<string, string[]> {
  const entries = entryPoints(tree.get("package.json"));
  return new Map(
    codeIn(tree).map(([path, text]) => [
      path,
      findImports(text)
        .map(({ specifier }) => entries.get(specifier) ?? resolveImport(path, specifier))
        .filter((target) => tree.has(target)),
    ]),
  );
}

/** The circles in a graph, one for each way back that a walk through it finds, as `a → b → a`. */
export function findCycles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const cycles: string[] = [];
  const done = new Set<string>();
  const trail: string[] = [];
  const walk = (file: string): void => {
    const begin = trail.indexOf(file);
    if (begin >= 0) {
      cycles.push([...trail.slice(begin), file].join(" → "));
      return;
    }
    if (done.has(file)) return;
    trail.push(file);
    for (const next of graph.get(file) ?? []) walk(next);
    trail.pop();
    done.add(file);
  };
  for (const file of graph.keys()) walk(file);
  return cycles;
}

/** The source files behind the package's own names. */
function entryPoints(manifest: string | undefined): Map<string, string> {
  const entries = new Map<string, string>();
  if (manifest === undefined) return entries;
  const { name, exports } = JSON.parse(manifest) as { name: string; exports: Record<string, unknown> };
  for (const [subpath, target] of Object.entries(exports)) {
    const file = /"default":"\.\/dist\/([^"]+)\.js"/.exec(JSON.stringify(target))?.[1];
    if (file !== undefined) entries.set(name + subpath.slice(1), `src/${file}.ts`);
  }
  return entries;
}
