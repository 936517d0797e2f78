import assert from "node:assert/strict";
import { test } from "node:test";
import { BUGS, bugOf } from "../../../chaos/bugs.ts";
import { assertFound } from "../found.ts";

test("an offset that is one too high when a client comes back is found", () =>
  assertFound("resumes-one-late", /to clients: \d+ lost/));

test("that a client which comes back is not sent what it has missed is found", () =>
  assertFound("no-catch-up", /to clients: \d+ lost/));

test("there are enough bugs, each of a name of its own", () => {
  assert.ok(BUGS.size >= 15);
  assert.throws(() => bugOf("moth"), /There is no bug "moth"/);
});
