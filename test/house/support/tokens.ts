/** A piece of TypeScript that means something: no blanks, no comments. */
export interface Token {
  /** `string` has its content as text, without quotes; `mark` is one character of punctuation. */
  readonly kind: "name" | "number" | "string" | "template" | "regex" | "mark";
  readonly text: string;
  /** Counted from 1. */
  readonly line: number;
}

const BLANK = /\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\//y;
const NAME = /[#\p{ID_Start}$_][\p{ID_Continue}$]*/uy;
const NUMBER = /\d[\w.]*/y;
/** An unfinished string ends with its line: in the text of a page an apostrophe is just that. */
const STRING = /"((?:\\[\s\S]|[^"\\\n])*)"?|'((?:\\[\s\S]|[^'\\\n])*)'?/y;
const REGEX = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/y;
/** A template up to its end or to where a value is put in. */
const TEMPLATE = /(?:\\[\s\S]|\$(?!\{)|[^`\\$])*(`|\$\{|$)/y;

/** After these a slash begins a regular expression; after other names it divides. */
const BEFORE_VALUE = new Set([
  "return",
  "typeof",
  "case",
  "in",
  "of",
  "do",
  "else",
  "void",
  "await",
  "yield",
]);

/** Cuts TypeScript into tokens; not a parser, but it isn't misled by strings, comments, templates or regexes. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  /** How many braces are open in each template that we are inside of. */
  const templates: number[] = [];
  let at = 0;
  let line = 1;

  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    if (match === null || match[0] === "") return undefined;
    at = pattern.lastIndex;
    return match;
  };
  const add = (kind: Token["kind"], text: string, matched: string): void => {
    tokens.push({ kind, text, line });
    line += newlines(matched);
  };
  const takeTemplate = (): void => {
    const match = take(TEMPLATE);
    if (match === undefined) return;
    add("template", match[0], match[0]);
    if (match[1] === "${") templates.push(0);
  };

  while (at < source.length) {
    let match = take(BLANK);
    if (match !== undefined) line += newlines(match[0]);
    else if ((match = take(NAME))) add("name", match[0], "");
    else if ((match = take(NUMBER))) add("number", match[0], "");
    else if ((match = take(STRING))) add("string", match[1] ?? match[2] ?? "", match[0]);
    else if (beginsRegex(source[at]!, tokens.at(-1)) && (match = take(REGEX))) add("regex", match[0], "");
    else {
      const mark = source[at]!;
      at += 1;
      const depth = templates.at(-1);
      if (mark === "`") {
        takeTemplate();
      } else if (mark === "}" && depth === 0) {
        templates.pop();
        takeTemplate();
      } else {
        if (depth !== undefined && mark === "{") templates[templates.length - 1] = depth + 1;
        if (depth !== undefined && mark === "}") templates[templates.length - 1] = depth - 1;
        add("mark", mark, mark);
      }
    }
  }
  return tokens;
}

function beginsRegex(character: string, before: Token | undefined): boolean {
  if (character !== "/") return false;
  if (before === undefined) return true;
  if (before.kind === "name") return BEFORE_VALUE.has(before.text);
  return before.kind === "mark" && !")]}".includes(before.text);
}

function newlines(text: string): number {
  return text.split("\n").length - 1;
}
