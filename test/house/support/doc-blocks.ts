/** A program in a page of the documentation. */
export interface DocBlock {
  /** What its first line says (`// events.ts`), else its number in the page. */
  readonly file: string;
  readonly code: string;
  /** What it prints, if the page says so: a `text` block that follows it. */
  readonly output: string | undefined;
}

const FENCED = /^```(js|ts|diff)\n(.*?)^```\n(?:\s*^```text\n(.*?)^```\n)?/gms;

/** The programs of a page: blocks of `js` and `ts`, and of each `diff` what is there afterwards. */
export function docBlocks(markdown: string): DocBlock[] {
  return [...markdown.matchAll(FENCED)].map(([, language, text, output], index) => {
    const code = language === "diff" ? newSide(text!) : text!;
    const file = /^\/\/ (\S+\.(?:ts|m?js))\n/.exec(code)?.[1];
    return { file: file ?? `${index + 1}.${language === "js" ? "js" : "ts"}`, code, output };
  });
}

function newSide(diff: string): string {
  const lines = diff.split("\n").filter((line) => !line.startsWith("-"));
  return lines.map((line) => line.replace(/^[+ ]/, "")).join("\n");
}
