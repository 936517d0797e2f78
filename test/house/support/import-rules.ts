import { posix } from "node:path";
import { findImports, type Import } from "./imports.ts";
import { codeIn, type Tree } from "./tree.ts";

/** What the files of a folder may import, beside each other. */
interface FolderRule {
  /** Other folders of src: all of one, or a single file of it. */
  readonly folders: readonly string[];
  /** Modules of Node. */
  readonly node?: readonly string[];
  /** Packages by name. */
  readonly packages?: RegExp;
  /** Further folders or files that only types may come from. */
  readonly types?: readonly string[];
  /** Single files that may know more than the rest of their folder: other folders, or modules of Node. */
  readonly files?: Readonly<Record<string, readonly string[]>>;
}

const BY_NAME = /^switchboard(?:\/|$)/;
const SERVERS = ["http", "https", "http2"];

/** Who may know whom: the table in ARCHITECTURE.md. */
export const FOLDER_RULES: Readonly<Record<string, FolderRule>> = {
  shared: { folders: [] },
  protocol: { folders: ["shared"] },
  packets: { folders: ["shared"] },
  websocket: {
    folders: ["protocol", "shared"],
    node: [...SERVERS, "net", "tls", "stream", "zlib", "crypto", "buffer"],
  },
  engine: {
    folders: ["packets", "shared"],
    // "net" for its lists of networks.
    node: [...SERVERS, "net", "stream", "zlib"],
    files: {
      "transports/websocket.ts": ["websocket"],
      "attach.ts": ["websocket"],
      "client-files.ts": ["node:fs/promises", "node:crypto"],
    },
  },
  sockets: {
    folders: ["packets", "shared", "engine/index.ts"],
    node: SERVERS,
    // The default: whoever asks for delivery has a log.
    files: { "options.ts": ["log/memory-log.ts"] },
  },
  cluster: { folders: ["packets", "shared"], types: ["sockets/adapter.ts"] },
  log: {
    folders: ["packets", "shared"],
    node: ["crypto", "fs", "fs/promises", "path", "zlib"],
    packages: /^classic-level$/,
    types: ["sockets/log.ts", "sockets/room.ts"],
  },
  integrations: { folders: [], node: SERVERS, packages: /^(?!\.)/ },
  client: {
    folders: ["packets", "shared"],
    files: {
      "node.ts": ["websocket"],
      "node-fetch.ts": ["node:http", "node:https"],
      "delivery/file/file-format.ts": ["node:zlib"],
      "delivery/file/file-store.ts": ["node:crypto", "node:fs", "node:path"],
      "delivery/file/folder-lock.ts": ["node:fs", "node:process"],
      "delivery/file/outbox-file.ts": ["node:fs"],
    },
  },
  testing: { folders: [], node: ["*"], packages: BY_NAME },
  "index.ts": { folders: ["sockets", "engine", "packets", "shared"] },
};

/** Breaches of the import table in src. */
export function findForbiddenImports(tree: Tree): string[] {
  return codeIn(tree, "src").flatMap(([path, text]) => {
    const folder = path.split("/")[1]!;
    const rule = FOLDER_RULES[folder];
    if (rule === undefined) return [`${path}: no rule says what "${folder}" may import`];
    return findImports(text)
      .filter((found) => !isAllowed(path, folder, rule, found))
      .map((found) => `${path}:${found.line}: ${folder} may not import "${found.specifier}"`);
  });
}

function isAllowed(path: string, folder: string, rule: FolderRule, found: Import): boolean {
  const { specifier, typeOnly } = found;
  const special = rule.files?.[path.slice(`src/${folder}/`.length)] ?? [];
  if (specifier.startsWith("node:")) {
    const module = specifier.slice("node:".length);
    return special.includes(specifier) || rule.node?.some((name) => name === "*" || name === module) === true;
  }
  if (!specifier.startsWith(".")) return rule.packages?.test(specifier) === true;
  const target = resolveImport(path, specifier);
  if (!target.startsWith("src/")) return false;
  const inside = target.slice("src/".length);
  if (within(inside, folder)) return true;
  const known = [...rule.folders, ...special, ...(typeOnly ? (rule.types ?? []) : [])];
  return known.some((place) => within(inside, place));
}

/** Apps, benches and the like: own files, and the package by its name. */
export function findReachesInside(tree: Tree): string[] {
  return ["apps", "bench"].flatMap((home) =>
    codeIn(tree, home).flatMap(([path, text]) => {
      const own = home === "apps" ? path.split("/").slice(0, 2).join("/") : home;
      return findImports(text)
        .filter(({ specifier }) => specifier.startsWith(".") && !within(resolveImport(path, specifier), own))
        .map(({ specifier, line }) => `${path}:${line}: ${own} may not reach out to "${specifier}"`);
    }),
  );
}

/** The path from the root that a relative import means. */
export function resolveImport(path: string, specifier: string): string {
  return posix.join(posix.dirname(path), specifier);
}

function within(path: string, place: string): boolean {
  return path === place || path.startsWith(`${place}/`);
}
