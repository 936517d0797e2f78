import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as rules from "./support/layout-rules.ts";
import { readTree, treeOf } from "./support/tree.ts";

const tree = await readTree();

describe("the house", () => {
  it("opens each folder of src with a README", () => assert.deepEqual(rules.findMissingReadmes(tree), []));

  it("has each folder of src on its map, ARCHITECTURE.md", () =>
    assert.deepEqual(rules.findUnmapped(tree), []));

  it("has its tests where the sources are", () => assert.deepEqual(rules.findStrayTests(tree), []));

  it("leaves no test out", () => assert.deepEqual(rules.findOmittedTests(tree), []));

  it("says why a rule is switched off", () => assert.deepEqual(rules.findUnexplainedDisables(tree), []));

  it("names no machine's folders", () => assert.deepEqual(rules.findMachinePaths(tree), []));
});

const silences = (text: string): number => rules.findUnexplainedDisables(treeOf({ "src/a.ts": text })).length;
const machines = (text: string): number => rules.findMachinePaths(treeOf({ "a.md": text })).length;

describe("the rules of the house find", () => {
  it("a folder without a README, or not on the map", () => {
    const broken = treeOf({
      "src/index.ts": "",
      "src/shared/a.ts": "",
      "src/shared/README.md": "",
      "src/attic/deep/a.ts": "",
      "ARCHITECTURE.md": "`src/shared` is for all, the attic is not spoken of",
    });
    assert.deepEqual(rules.findMissingReadmes(broken), ["src/attic/README.md"]);
    assert.deepEqual(rules.findUnmapped(broken), ["attic"]);
  });

  it("a test without a source", () => {
    const broken = treeOf({
      "src/shared/a.ts": "",
      "scripts/lib/b.mjs": "",
      "test/shared/a.test.ts": "",
      "test/shared/a.limits.test.ts": "",
      "test/scripts/lib/b.test.ts": "",
      "test/house/any.test.ts": "",
      "test/shared/bad-input.test.ts": "",
      "src/shared/deep/c.ts": "",
      "test/shared/deep.test.ts": "",
      "test/shared/b.test.ts": "",
      "test/attic/a.test.ts": "",
      "test/shared/a.test.js": "",
    });
    assert.deepEqual(rules.findStrayTests(broken), [
      "test/shared/b.test.ts",
      "test/attic/a.test.ts",
      "test/shared/a.test.js",
    ]);
  });

  it("a test that is left out", () => {
    for (const text of [
      `test.skip("x", () => {});`,
      `describe.only("x", () => {});`,
      `test("x", (t) => t.skip());`,
      `test("x", { skip: true }, () => {});`,
      `test("x", { timeout: 1, todo: "later" }, () => {});`,
    ]) {
      assert.equal(rules.findOmittedTests(treeOf({ "test/a.test.ts": text })).length, 1, text);
    }
    assert.deepEqual(
      rules.findOmittedTests(treeOf({ "test/a.test.ts": `test("skip: only", () => {});` })),
      [],
    );
  });

  it("a rule that is switched off in silence", () => {
    const comment = ["// oxlint", "disable", "next", "line no-console"].join("-");
    assert.equal(silences(`f();\n${comment}\n`), 1);
    assert.equal(silences(`f(); ${comment}\n`), 1);
    assert.equal(silences(`f();\n${comment} -- the user asked for it\n`), 0);
    assert.equal(silences(`// The user asked for it.\n${comment}\n`), 0);
  });

  it("a folder of a machine", () => {
    for (const folder of ["home", "root", "work", "Users"])
      assert.equal(machines(`see "/${folder}/me/x"`), 1);
    assert.equal(machines("a path such as src/work/home/ or https://example.com/home/page"), 0);
  });
});
