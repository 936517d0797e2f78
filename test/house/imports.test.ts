import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { findCycles, importGraph } from "./support/cycles.ts";
import { findForbiddenImports, findReachesInside } from "./support/import-rules.ts";
import { readTree, treeOf } from "./support/tree.ts";

const tree = await readTree();

describe("who may know whom", () => {
  it("holds in src", () => assert.deepEqual(findForbiddenImports(tree), []));

  it("holds in apps and bench: the package by name only", () =>
    assert.deepEqual(findReachesInside(tree), []));

  it("has no circles anywhere, not even of types", () => assert.deepEqual(findCycles(importGraph(tree)), []));
});

describe("the import table", () => {
  for (const [path, specifier] of [
    ["src/shared/clock.ts", "../protocol/index.ts"],
    ["src/shared/clock.ts", "node:timers"],
    ["src/protocol/masking.ts", "node:buffer"],
    ["src/protocol/masking.ts", "../packets/index.ts"],
    ["src/packets/index.ts", "node:crypto"],
    ["src/packets/index.ts", "msgpackr"],
    ["src/websocket/server.ts", "../packets/index.ts"],
    ["src/websocket/server.ts", "../engine/index.ts"],
    ["src/websocket/server.ts", "node:fs"],
    ["src/engine/session.ts", "../websocket/connection.ts"],
    ["src/engine/session.ts", "node:fs/promises"],
    ["src/engine/client-files.ts", "../websocket/connection.ts"],
    ["src/engine/client-files.ts", "node:fs"],
    ["src/engine/server.ts", "../websocket/index.ts"],
    ["src/engine/transports/polling.ts", "../../websocket/index.ts"],
    ["src/engine/transports/attach.ts", "../../websocket/index.ts"],
    ["src/engine/session.ts", "../sockets/index.ts"],
    ["src/sockets/socket.ts", "../engine/session.ts"],
    ["src/sockets/socket.ts", "../websocket/index.ts"],
    ["src/sockets/socket.ts", "../protocol/index.ts"],
    ["src/cluster/redis.ts", "../engine/index.ts"],
    ["src/cluster/redis.ts", "../sockets/adapter.ts"],
    ["src/client/socket.ts", "../websocket/index.ts"],
    ["src/client/transports/node.ts", "../../websocket/index.ts"],
    ["src/client/node.ts", "node:http"],
    ["src/client/socket.ts", "../sockets/index.ts"],
    ["src/testing/index.ts", "../shared/clock.ts"],
    ["src/integrations/koa.ts", "../sockets/index.ts"],
    ["src/index.ts", "./client/browser.ts"],
    ["src/protocol/index.ts", "../../scripts/lib/process.mjs"],
    ["src/attic/index.ts", "./here.ts"],
  ] as const) {
    it(`refuses "${specifier}" in ${path}`, () => {
      for (const statement of [`import { a } from`, "import", "export * from", "import type { A } from"]) {
        const isPort = specifier.endsWith("/adapter.ts") && statement.startsWith("import type");
        const found = findForbiddenImports(treeOf({ [path]: `${statement} "${specifier}";` }));
        assert.equal(found.length, isPort ? 0 : 1, statement);
      }
    });
  }

  for (const [path, specifier] of [
    ["src/protocol/masking.ts", "./errors.ts"],
    ["src/protocol/masking.ts", "../shared/clock.ts"],
    ["src/websocket/server.ts", "node:http"],
    ["src/engine/attach.ts", "../websocket/index.ts"],
    ["src/engine/client-files.ts", "node:fs/promises"],
    ["src/engine/transports/websocket.ts", "../../websocket/index.ts"],
    ["src/sockets/socket.ts", "../engine/index.ts"],
    ["src/client/node.ts", "../websocket/index.ts"],
    ["src/client/node-fetch.ts", "node:https"],
    ["src/testing/pair.ts", "switchboard/client"],
    ["src/index.ts", "./sockets/index.ts"],
  ] as const) {
    it(`allows "${specifier}" in ${path}`, () => {
      assert.deepEqual(findForbiddenImports(treeOf({ [path]: `import { a } from "${specifier}";` })), []);
    });
  }

  it("refuses to let an app reach into the package or another app", () => {
    const found = findReachesInside(
      treeOf({
        "apps/chat/server/main.ts": `import "switchboard"; import "../page/a.ts"; import "../../../src/index.ts";`,
        "apps/chat/page/a.tsx": `import "../../other/b.ts";`,
      }),
    );
    assert.deepEqual(found, [
      `apps/chat/server/main.ts:1: apps/chat may not reach out to "../../../src/index.ts"`,
      `apps/chat/page/a.tsx:1: apps/chat may not reach out to "../../other/b.ts"`,
    ]);
  });

  it("finds circles, of types and through the package's own name too", () => {
    const graph = importGraph(
      treeOf({
        "package.json": `{ "name": "p", "exports": { "./x": { "types": "./dist/x.d.ts", "default": "./dist/x.js" } } }`,
        "src/x.ts": `import type { A } from "./y.ts";`,
        "src/y.ts": `export * from "p/x"; import "./z.ts";`,
        "src/z.ts": `import "./z.ts";`,
        "src/alone.ts": `import "./x.ts";`,
        "test/a.test.ts": `import { b } from "./b.ts";`,
        "test/b.ts": `import type { A } from "./a.test.ts";`,
      }),
    );
    assert.deepEqual(findCycles(graph), [
      "src/x.ts → src/y.ts → src/x.ts",
      "src/z.ts → src/z.ts",
      "test/a.test.ts → test/b.ts → test/a.test.ts",
    ]);
  });
});
