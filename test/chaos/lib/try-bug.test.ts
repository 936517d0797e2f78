import assert from "node:assert/strict";
import { test } from "node:test";
import { BUGS, bugOf } from "../../../chaos/bugs.ts";
import { tryBug } from "../../../chaos/lib/try-bug.ts";

test("a bug that is planted in the server is found, and nothing without it", async () => {
  const bug = bugOf("resumes-one-late");
  assert.deepEqual(await tryBug(bug, undefined, 1), []);
  const found = await tryBug(bug, bug.name, 1);
  assert.match(found.join("\n"), /to clients: \d+ lost/);
});

test("there are enough bugs, each of a name of its own", () => {
  assert.ok(BUGS.size >= 15);
  assert.throws(() => bugOf("moth"), /There is no bug "moth"/);
});
