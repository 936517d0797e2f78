import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { BUGS, bugOf } from "../../../chaos/bugs.ts";
import { assertFound } from "../found.ts";

test("that seats are dropped at once when a client goes is found", () =>
  assertFound("seats-end-soon", /to clients: \d+ missing without need/));

test("that a client which comes back is not sent what it has missed is found", () =>
  assertFound("no-catch-up", /to clients: \d+ lost/));

test("the place of each bug is there, once", async () => {
  for (const { name, file, edits } of BUGS.values()) {
    const module = await readFile(new URL(`../../../dist/${file}`, import.meta.url), "utf8");
    for (const [find] of edits) assert.equal(module.split(find).length, 2, `${name}: ${find}`);
  }
});

test("there are enough bugs, each of a name of its own", () => {
  assert.ok(BUGS.size >= 15);
  assert.throws(() => bugOf("moth"), /There is no bug "moth"/);
});
