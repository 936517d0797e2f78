import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { promisify } from "node:util";
import { freePort } from "../support/listen.ts";

const ROOT = new URL("../../", import.meta.url);

test("the README's example runs as it stands and says hello", async (t) => {
  const readme = await readFile(new URL("README.md", ROOT), "utf8");
  const example = /```js\n(.*?)```/s.exec(readme)?.[1];
  assert.ok(example !== undefined, "README.md must show an example in a js block");
  assert.equal(example.match(/3000/g)?.length, 2, "the example names its port for server and client");

  const port = await freePort();
  // Only the port is replaced, and the end is added: everything between is the README's own text.
  const program = `${example.replaceAll("3000", String(port))}\nclient.disconnect();\nawait server.close();\n`;
  const file = new URL(`dist/example-${process.pid}.mjs`, ROOT);
  t.after(() => rm(file));
  await writeFile(file, program);
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [file.pathname], {
    timeout: 20_000,
  });
  assert.equal(stderr, "");
  assert.equal(stdout, "Hello, lobby.\n");
});
