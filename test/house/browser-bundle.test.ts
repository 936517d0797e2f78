import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { build, type BuildResult } from "esbuild";
import { ROOT } from "./support/tree.ts";

const OPTIONS = {
  absWorkingDir: ROOT,
  bundle: true,
  format: "esm",
  platform: "browser",
  write: false,
  metafile: true,
  logLevel: "silent",
} as const;

/** What `io` costs a page, by file: as it is published, and bundled from the source. Smaller is better: lower these when it gets there. */
const MAX_GZIP_BYTES = {
  "dist/browser/client.js": 13_500,
  "dist/browser/client-websocket.js": 8_540,
  "src/client/browser.ts": 14_300,
  "src/client/websocket-only.ts": 8_880,
};

function bundle(contents: string): Promise<BuildResult<typeof OPTIONS>> {
  return build({ ...OPTIONS, stdin: { contents, resolveDir: `${ROOT}src`, loader: "ts" } });
}

async function minifiedSize(contents: string): Promise<number> {
  const stdin = { contents, resolveDir: ROOT, loader: "ts" } as const;
  const { outputFiles } = await build({ ...OPTIONS, minify: true, stdin });
  return gzipSync(outputFiles[0]!.contents, { level: 9 }).length;
}

describe("the browser's entry", () => {
  it("bundles with nothing but the client, packets and shared", async () => {
    const { metafile } = await bundle(`export * from "./client/browser.ts";`);
    const inputs = Object.keys(metafile.inputs).filter((path) => path !== "<stdin>");
    assert.ok(inputs.includes("src/client/browser.ts"));
    assert.deepEqual(
      inputs.filter((path) => !/^src\/(?:client|packets|shared)\//.test(path)),
      [],
    );
  });

  it("leaves out what is not asked for", async () => {
    const inside = async (name: string): Promise<string[]> => {
      const { metafile } = await bundle(`export { ${name} } from "./client/browser.ts";`);
      return Object.keys(Object.values(metafile.outputs)[0]!.inputs);
    };
    const isReliable = (path: string): boolean => path.includes("/reliable-websocket");
    const io = await inside("io");
    assert.ok(io.includes("src/client/manager.ts"));
    assert.deepEqual(io.filter(isReliable), []);
    const reliable = await inside("ReliableWebSocket");
    assert.ok(reliable.some(isReliable));
    assert.deepEqual(
      reliable.filter((path) => /packets|manager|engine|transports/.test(path)),
      [],
    );
  });

  it("has neither polling, streams, races nor moves where WebSocket is all there is", async () => {
    const { metafile } = await bundle(`export { io } from "./client/websocket-only.ts";`);
    const inputs = Object.keys(Object.values(metafile.outputs)[0]!.inputs);
    assert.ok(inputs.includes("src/client/websocket-session.ts"));
    assert.deepEqual(
      inputs.filter((path) =>
        /transports|engine-session|endpoint|fetch|opening|plan|line\.|rejoining|upgrading|probe|link-state|outbox|reliable-websocket/.test(
          path,
        ),
      ),
      [],
    );
  });

  for (const [file, limit] of Object.entries(MAX_GZIP_BYTES)) {
    it(`is at most ${limit} bytes minified and compressed: ${file}`, async () => {
      const size = await minifiedSize(`export { io } from "./${file}";`);
      assert.ok(size <= limit, `${size} bytes`);
    });
  }

  it("leaves out what is not asked for where it is published, too", async () => {
    assert.ok((await minifiedSize(`export { ReliableWebSocket } from "./dist/browser/client.js";`)) < 5500);
    assert.ok((await minifiedSize(`export { AckError } from "./dist/browser/client.js";`)) < 1500);
  });

  it("would not bundle with Node in it", async () => {
    await assert.rejects(bundle(`import "./websocket/index.ts";`), /Could not resolve "node:/);
  });
});
