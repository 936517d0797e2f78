import assert from "node:assert/strict";
import { describe, it } from "node:test";
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

function bundle(contents: string): Promise<BuildResult<typeof OPTIONS>> {
  return build({ ...OPTIONS, stdin: { contents, resolveDir: `${ROOT}src`, loader: "ts" } });
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
      // The platform's base64 throws it.
      ["src/packets/errors.ts"],
    );
  });

  it("would not bundle with Node in it", async () => {
    await assert.rejects(bundle(`import "./websocket/index.ts";`), /Could not resolve "node:/);
  });
});
