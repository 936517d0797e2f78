import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { StoreError } from "../../../src/client/delivery/store-error.ts";

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");

test("each code is in docs/reference/errors.md, once, and each that is there exists", () => {
  const codes = read("src/client/delivery/store-error.ts").matchAll(/"(STORE_\w+)"/g);
  const rows = read("docs/reference/errors.md").matchAll(/^\| `(STORE_\w+)` \|/gm);
  const known = [...codes].map(([, code]) => code);
  assert.equal(known.length, 5);
  assert.deepEqual(
    [...rows].map(([, code]) => code),
    known,
  );
});

test("an error has a name, a code, and a cause only if there is one", () => {
  const error = new StoreError("STORE_CLOSED", "It is closed.");
  assert.deepEqual([error.name, error.code, "cause" in error], ["StoreError", "STORE_CLOSED", false]);
  assert.equal(new StoreError("STORE_WRITE_FAILED", "x", { cause: "y" }).cause, "y");
});
