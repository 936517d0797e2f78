import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { lockFolder } from "../../../../src/client/delivery/file/folder-lock.ts";
import { undoAfter } from "../../../support/fixture.ts";

function newFile(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "switchboard-lock-"));
  undoAfter(t, () => rmSync(path, { recursive: true, force: true }));
  return join(path, "lock");
}

/** The number of a process that is no more. */
async function deadProcess(): Promise<number> {
  const child = spawn(process.execPath, ["-e", ""]);
  await new Promise((resolve) => child.once("close", resolve));
  return child.pid!;
}

function refuses(file: string): void {
  const before = readFileSync(file, "utf8");
  assert.throws(() => lockFolder(file), { name: "StoreError", code: "STORE_IN_USE" });
  assert.equal(readFileSync(file, "utf8"), before);
}

/** Takes it, although there is something; nothing else stays behind. */
function takes(file: string): void {
  const unlock = lockFolder(file);
  assert.equal((JSON.parse(readFileSync(file, "utf8")) as { pid: number }).pid, process.pid);
  assert.deepEqual(readdirSync(dirname(file)), ["lock"]);
  unlock();
  assert.ok(!existsSync(file));
}

describe("a folder", () => {
  test("is for one, until it lets go", (t) => {
    const file = newFile(t);
    const unlock = lockFolder(file);
    refuses(file);
    unlock();
    takes(file);
  });

  test("is free when the process that had it is no more", async (t) => {
    const file = newFile(t);
    writeFileSync(file, JSON.stringify({ pid: await deadProcess(), began: "1" }));
    takes(file);
  });

  test("is free when another process has the number of the one that had it, as in a container that is started again", (t) => {
    if (process.platform !== "linux") return t.diagnostic("Only Linux says when a process began.");
    const file = newFile(t);
    for (const pid of [process.pid, process.ppid]) {
      writeFileSync(file, JSON.stringify({ pid, began: "1" }));
      takes(file);
    }
  });

  test("whose file nobody can read is free, unless it is just being written", (t) => {
    const file = newFile(t);
    for (const text of ["", "{", "null", "7", '{"pid":1}']) {
      writeFileSync(file, text);
      refuses(file);
      utimesSync(file, 1, 1);
      takes(file);
    }
  });

  test("that is not there is not locked", (t) => {
    assert.throws(() => lockFolder(join(newFile(t), "lock")), { code: "ENOENT" });
  });
});
