import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { fileStore } from "../../../../src/client/delivery/file/index.ts";
import { outboxStoreSuite } from "../../../../src/testing/outbox-store-suite.ts";
import { undoAfter } from "../../../support/fixture.ts";

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "switchboard-outbox-"));
  undoAfter(t, () => rm(path, { recursive: true, force: true }));
  return path;
}

const CHANGE = {
  appended: [{ id: undefined, text: "[1]", binary: [] }],
  removed: 0,
  state: { seat: undefined, done: 0, nextId: 0 },
};

describe("a store of files", () => {
  const paths: string[] = [];
  const suite = outboxStoreSuite(async () => {
    const path = await mkdtemp(join(tmpdir(), "switchboard-outbox-"));
    paths.push(path);
    return () => fileStore({ path: join(path, "deep", "down") });
  });
  for (const { name, run } of suite) {
    test(name, async (t) => {
      undoAfter(t, async () => {
        for (const path of paths.splice(0)) await rm(path, { recursive: true, force: true });
      });
      await run();
    });
  }

  test("needs a folder's name", () => {
    for (const path of ["", undefined, 7]) {
      assert.throws(() => fileStore({ path: path as string }), { name: "TypeError", message: /"path"/ });
    }
  });

  test("leaves nothing in the folder but what it keeps", async (t) => {
    const path = await folder(t);
    const store = fileStore({ path });
    const outbox = await store.open("a");
    await outbox.write(CHANGE);
    assert.deepEqual((await readdir(path)).length, 2);
    await store.close();
    const [file, ...others] = await readdir(path);
    assert.match(file!, /^[0-9a-f]{32}\.outbox$/);
    assert.deepEqual(others, []);
    await store.clear();
    assert.deepEqual(await readdir(path), []);
  });

  test("a folder that can't be made says why", async (t) => {
    const path = join(await folder(t), "file");
    await writeFile(path, "");
    const store = fileStore({ path: join(path, "outbox") });
    for (const work of [() => store.open("a"), () => store.clear()]) {
      await assert.rejects(work, (error: Error & { code: string }) => {
        assert.deepEqual(
          [error.code, (error.cause as { code: string }).code],
          ["STORE_OPEN_FAILED", "ENOTDIR"],
        );
        return true;
      });
    }
  });
});
