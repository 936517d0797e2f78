import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { findForbiddenGlobals } from "./support/global-rules.ts";
import { readTree, treeOf } from "./support/tree.ts";

const tree = await readTree();

describe("globals", () => {
  it("are used where they may be", () => assert.deepEqual(findForbiddenGlobals(tree), []));

  for (const [path, text] of [
    ["src/protocol/a.ts", "Buffer.from(x)"],
    ["src/packets/a.ts", "process.nextTick(x)"],
    ["src/packets/a.ts", "setTimeout(x, 1)"],
    ["src/protocol/a.ts", "globalThis.setTimeout(x, 1)"],
    ["src/protocol/a.ts", "`${Date.now()}`"],
    ["src/engine/a.ts", "setInterval(x, 1)"],
    ["src/sockets/a.ts", "performance.now()"],
    ["src/client/a.ts", "const n = Math.random()"],
    ["src/client/a.ts", "crypto.randomUUID()"],
    ["src/client/node.ts", "setTimeout(x, 1)"],
    ["src/shared/random.ts", "setTimeout(x, 1)"],
  ] as const) {
    it(`refuses ${text} in ${path}`, () => {
      assert.equal(findForbiddenGlobals(treeOf({ [path]: text })).length, 1);
    });
  }

  for (const [path, text] of [
    ["src/shared/clock.ts", "setTimeout(x, 1)"],
    ["src/shared/random.ts", "Math.random()"],
    ["src/client/node.ts", "process.version"],
    ["src/engine/a.ts", "this.#clock.setTimeout(x, 1)"],
    ["src/engine/a.ts", "// setTimeout is not called here"],
    ["src/protocol/a.ts", `"Buffer and process"`],
    ["src/protocol/a.ts", "f({ process: 1 })"],
    ["src/websocket/a.ts", "Buffer.from(x)"],
  ] as const) {
    it(`allows ${text} in ${path}`, () => {
      assert.deepEqual(findForbiddenGlobals(treeOf({ [path]: text })), []);
    });
  }
});
