import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { findImports } from "./support/imports.ts";
import { tokenize } from "./support/tokens.ts";

const specifiers = (source: string): string[] => findImports(source).map(({ specifier }) => specifier);

describe("the import scanner", () => {
  for (const [what, source] of [
    ["a default import", `import a from "x";`],
    ["named imports", `import { a, type B, default as c } from "x";`],
    ["a name that is a keyword of the statement", `import { from, type } from "x";`],
    ["both", `import a, { b } from 'x';`],
    ["a namespace", `import * as a from "x";`],
    ["several lines", `import {\n  a,\n  b, // why\n} from "x";`],
    ["a comment in between", `import { a } /* "y" */ from "x";`],
    ["types only", `import type { A } from "x";`],
    ["a side effect", `import "x";`],
    ["a dynamic import", `const a = await import("x");`],
    ["a dynamic import with attributes", `await import("x", { with: { type: "json" } });`],
    ["a dynamic import in a template", "const a = `${await import('x')} y`;"],
    ["a type that imports", `let a: import("x").A;`],
    ["an export from", `export { a, b as default } from "x";`],
    ["an export of everything", `export * from "x";`],
    ["an export of a namespace", `export * as a from "x";`],
    ["an export of types", `export type { A } from "x";`],
    ["require", `const a = require("x");`],
    ["import attributes", `import a from "x" with { type: "json" };`],
    ["no blanks", `import{a}from"x";`],
  ] as const) {
    it(`finds ${what}`, () => assert.deepEqual(specifiers(source), ["x"]));
  }

  for (const [what, source] of [
    ["a comment", `// import "x";\n/* import { a } from "x"; */`],
    ["a string", `const a = 'import "x"';`],
    ["a template", "const a = `import \"x\"; ${1 + 1} import 'x'`;"],
    ["a regular expression", `const a = /import "x"/; const b = a ? 1 / 2 : /["']/;`],
    ["import.meta", `const a = import.meta.url + "x";`],
    ["an export of its own", `export { a };\nconst from = 1; f("x");\nexport const b = "x";`],
    ["a method of that name", `a.import("x"); a.require("x");`],
  ] as const) {
    it(`finds nothing in ${what}`, () => assert.deepEqual(specifiers(source), []));
  }

  it("tells where, and whether only for types", () => {
    assert.deepEqual(findImports(`\nimport type { A } from "x";\n/*\n*/\nimport { b } from "y";\n`), [
      { specifier: "x", typeOnly: true, line: 2 },
      { specifier: "y", typeOnly: false, line: 5 },
    ]);
  });

  it("reports a dynamic import of something computed", () => {
    assert.deepEqual(specifiers("await import(name);"), ["?"]);
    assert.deepEqual(specifiers('await import("x" + name);'), ["?"]);
  });

  it("goes on after an apostrophe in a page's text", () => {
    assert.deepEqual(specifiers(`const a = <p>don't</p>;\nawait import("x");`), ["x"]);
  });

  it("counts lines through templates and comments", () => {
    const last = tokenize("`a\n${b}\n`;\n/*\n*/ end").at(-1);
    assert.deepEqual(last, { kind: "name", text: "end", line: 5 });
  });
});
