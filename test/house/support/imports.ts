import { tokenize, type Token } from "./tokens.ts";

/** One mention of another module. */
export interface Import {
  readonly specifier: string;
  /** `import type`, `export type … from`, or `import("…")` where a type stands: not told apart from the last. */
  readonly typeOnly: boolean;
  readonly line: number;
}

/**
 * Every module that a source names: `import … from`, `import type`, `export … from`, `import "…"`, `import("…")`
 * and `require("…")`. A dynamic import of something computed is reported with "?" as its specifier.
 */
export function findImports(source: string): Import[] {
  const tokens = tokenize(source);
  const found: Import[] = [];
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== "name" || isMark(tokens[index - 1], ".")) continue;
    const specifier = specifierAt(tokens, index);
    if (specifier === undefined) continue;
    found.push({ specifier, typeOnly: isName(tokens[index + 1], "type"), line: token.line });
  }
  return found;
}

function specifierAt(tokens: readonly Token[], index: number): string | undefined {
  const next = tokens[index + 1];
  switch (tokens[index]!.text) {
    case "import":
      if (next?.kind === "string") return next.text;
      if (isMark(next, "(")) return called(tokens, index + 2);
      return isMark(next, ".") || isMark(next, ":") ? undefined : afterFrom(tokens, index + 1);
    case "export":
      return isList(next) || (isName(next, "type") && isList(tokens[index + 2]))
        ? afterFrom(tokens, index + 1)
        : undefined;
    case "require":
      return isMark(next, "(") ? called(tokens, index + 2) : undefined;
    default:
      return undefined;
  }
}

/** The string behind the `from` of a statement that begins here. */
function afterFrom(tokens: readonly Token[], start: number): string | undefined {
  for (let at = start; at < tokens.length; at += 1) {
    const token = tokens[at]!;
    const next = tokens[at + 1];
    // Among the names of a list, `from` is a name like any other.
    if (isName(token, "from") && next?.kind === "string") return next.text;
    const goesOn = token.kind === "name" || "{},*".includes(token.text) || token.kind === "string";
    if (!goesOn) return undefined;
    if (isMark(token, "}") && !isName(next, "from")) return undefined;
  }
  return undefined;
}

function called(tokens: readonly Token[], index: number): string {
  const argument = tokens[index];
  return argument?.kind === "string" && (isMark(tokens[index + 1], ")") || isMark(tokens[index + 1], ","))
    ? argument.text
    : "?";
}

function isList(token: Token | undefined): boolean {
  return isMark(token, "{") || isMark(token, "*");
}

function isMark(token: Token | undefined, text: string): boolean {
  return token?.kind === "mark" && token.text === text;
}

function isName(token: Token | undefined, text: string): boolean {
  return token?.kind === "name" && token.text === text;
}
