/**
 * The property names that a bundle may not shorten: what users can reach from the declarations of an entry. Declarations are read as
 * text, in the plain form that the compiler writes them in.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A name, a string, or a sign. */
const TOKEN = /[A-Za-z_$#][\w$]*|"(?:[^"\\]|\\.)*"|=>|\.\.\.|[^\s]/g;
const INTERNAL_MEMBER = /\/\*\*\s*@internal(?:(?!\*\/)[^])*\*\/[^;]*;/g;
/** What only subclasses and the compiler see. */
const HIDDEN = /^\s*(?:protected|private) .*$| implements [^{]*(?=\{)/gm;
const COMMENT = /\/\*[^]*?\*\//g;
const DECLARATION =
  /^export (?:declare )?(?:abstract )?(?:class|interface|type|const|function) (\w+)|^(?:type|interface|declare class|declare const) (\w+)/;

/**
 * What the declaration files in `entries` export, and the names of all members of it and of every type that stands in it, but for those
 * marked `@internal` or protected.
 * @param {readonly string[]} entries Paths of `.d.ts` files.
 * @param {readonly string[]} folders Where the declarations of the types are, at any depth.
 */
export function publicNames(entries, folders) {
  const declarations = readDeclarations(folders);
  /** @type {Set<string>} */
  const visited = new Set();
  const waiting = entries.flatMap(exportedNames);
  const names = new Set(waiting);
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (visited.has(name)) continue;
    visited.add(name);
    for (const text of declarations.get(name) ?? []) {
      const { members, types } = namesIn(text);
      for (const member of members) names.add(member);
      waiting.push(...types);
    }
  }
  return names;
}

/**
 * Every name that an entry exports, with those of the files that it exports whole.
 * @param {string} file
 * @returns {string[]}
 */
function exportedNames(file) {
  const text = readFileSync(file, "utf8").replace(COMMENT, "");
  const names = [
    ...text.matchAll(/^export (?:declare )?(?:const|type|class|interface|function) (\w+)/gm),
  ].map((m) => m[1] ?? "");
  for (const [, list = ""] of text.matchAll(/^export (?:type )?\{([^}]*)\}/gm))
    names.push(...(list.match(/\w+/g) ?? []));
  for (const [, path = ""] of text.matchAll(/^export \* from "(.*)\.(?:ts|js)"/gm)) {
    names.push(...exportedNames(join(dirname(file), `${path}.d.ts`)));
  }
  return names;
}

/**
 * The text of every declaration, by its name, without comments and internal members.
 * @param {readonly string[]} folders
 */
function readDeclarations(folders) {
  /** @type {Map<string, string[]>} */
  const found = new Map();
  for (const folder of folders) {
    for (const file of readdirSync(folder, { encoding: "utf8", recursive: true })) {
      if (!file.endsWith(".d.ts")) continue;
      const text = readFileSync(join(folder, file), "utf8")
        .replace(INTERNAL_MEMBER, "")
        .replace(COMMENT, "")
        .replace(HIDDEN, "");
      for (const part of text.split(/^(?=\S)(?!\})/m)) {
        const match = DECLARATION.exec(part);
        const name = match?.[1] ?? match?.[2];
        if (name !== undefined) found.set(name, [...(found.get(name) ?? []), part.slice(match?.[0].length)]);
      }
    }
  }
  return found;
}

/**
 * @param {string} text
 */
function namesIn(text) {
  const tokens = text.match(TOKEN) ?? [];
  const members = new Set();
  const types = new Set();
  /** @type {string[]} */
  const open = [];
  for (const [at, token] of tokens.entries()) {
    if (token === "{" || token === "(" || token === "[") open.push(token);
    else if (token === "}" || token === ")" || token === "]") open.pop();
    else if (/^[A-Z]/.test(token)) types.add(token);
    const next = tokens[at + 1] ?? "";
    if (open.at(-1) === "{" && /^[A-Za-z_$]/.test(token) && /^[?:(<]$/.test(next)) members.add(token);
  }
  return { members, types };
}
