import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { OutboxFile } from "../../../../src/client/delivery/file/outbox-file.ts";
import type { OutboxChanges } from "../../../../src/client/delivery/store.ts";
import { undoAfter } from "../../../support/fixture.ts";

const SLACK_BYTES = 256 * 1024;

function changeOf(name: string, removed = 0, binary: readonly Uint8Array[] = []): OutboxChanges {
  return {
    appended: [{ id: 1, text: name, binary }],
    removed,
    state: { seat: undefined, done: 0, nextId: 0 },
  };
}

function newFile(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "switchboard-outbox-"));
  undoAfter(t, () => rmSync(path, { recursive: true, force: true }));
  return join(path, "file");
}

function open(t: TestContext, path: string): OutboxFile {
  const file = new OutboxFile(path, () => {});
  undoAfter(t, () => file.release());
  return file;
}

function names(file: OutboxFile): string[] {
  return file.events.map(({ text }) => text);
}

describe("an outbox in a file", () => {
  test("a last record that is cut anywhere is left out, and what is written then follows the one before", async (t) => {
    const path = newFile(t);
    const written = open(t, path);
    await written.write(changeOf("first"));
    const whole = statSync(path).size;
    await written.write(changeOf("second", 1, [Uint8Array.of(1, 2, 3)]));
    written.release();
    const bytes = readFileSync(path);
    for (let length = whole; length < bytes.length; length += 1) {
      writeFileSync(path, bytes.subarray(0, length));
      const file = open(t, path);
      assert.deepEqual([names(file), statSync(path).size], [["first"], whole], `cut at ${length}`);
      assert.equal(file.damage, undefined);
      await file.write(changeOf("third"));
      file.release();
      const again = open(t, path);
      assert.deepEqual(names(again), ["first", "third"]);
      again.release();
    }
  });

  test("a byte that is another one ends the file before its record", async (t) => {
    const path = newFile(t);
    const written = open(t, path);
    await written.write(changeOf("first"));
    const whole = statSync(path).size;
    await written.write(changeOf("second"));
    written.release();
    const bytes = readFileSync(path);
    for (let at = whole; at < bytes.length; at += 1) {
      const changed = Uint8Array.from(bytes);
      changed[at]! ^= 0x10;
      writeFileSync(path, changed);
      const file = open(t, path);
      assert.deepEqual(names(file), ["first"], `changed at ${at}`);
      // With another length it may look as if it had been cut off.
      if (at >= whole + 4) {
        assert.equal(file.damage?.code, "STORE_DAMAGED");
        assert.equal(file.state?.seat, undefined);
        assert.deepEqual(Uint8Array.from(readFileSync(`${path}.damaged`)), changed, "set aside as it was");
      }
      file.release();
      const again = open(t, path);
      assert.deepEqual([names(again), again.damage], [["first"], undefined]);
      again.release();
    }
  });

  test("a first line that is cut is a new file; another one is refused, and left as it is", async (t) => {
    const path = newFile(t);
    open(t, path).release();
    const line = readFileSync(path);
    for (let length = 0; length < line.length; length += 1) {
      truncateSync(path, length);
      const file = open(t, path);
      assert.deepEqual([file.state, readFileSync(path)], [undefined, line]);
      file.release();
    }
    for (const other of ["switchboard outbox 2\n", "x"]) {
      writeFileSync(path, other);
      assert.throws(() => open(t, path), { code: "STORE_OPEN_FAILED" });
      assert.equal(readFileSync(path, "utf8"), other);
    }
  });

  test("what is over does not stay in the file", async (t) => {
    const path = newFile(t);
    const file = open(t, path);
    const bytes = new Uint8Array(10_000).fill(7);
    for (let value = 0; value < 10; value += 1) await file.write(changeOf(`${value}`, 0, [bytes]));
    let largest = 0;
    for (let value = 10; value < 500; value += 1) {
      await file.write(changeOf(`${value}`, 1, [bytes]));
      largest = Math.max(largest, statSync(path).size);
    }
    assert.ok(largest < SLACK_BYTES + 25 * bytes.length, `${largest} bytes`);
    file.release();
    const again = open(t, path);
    assert.deepEqual(
      names(again),
      Array.from({ length: 10 }, (_, at) => `${490 + at}`),
    );
    assert.deepEqual(again.events[9]?.binary, [bytes]);
  });

  test("when it can't be written, it says why, and goes on saying so", async (t) => {
    const path = newFile(t);
    const file = open(t, path);
    // There is nowhere to put the new one.
    rmSync(dirname(path), { recursive: true });
    const large = changeOf("large", 0, [new Uint8Array(SLACK_BYTES)]);
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await assert.rejects(file.write(large), (error: Error & { code: string }) => {
        assert.deepEqual(
          [error.code, (error.cause as { code: string }).code],
          ["STORE_WRITE_FAILED", "ENOENT"],
        );
        return true;
      });
    }
  });
});
