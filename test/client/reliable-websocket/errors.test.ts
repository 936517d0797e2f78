import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ReliableWebSocketError } from "../../../src/client/reliable-websocket/errors.ts";

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");

test("each code is in docs/reference/errors.md, once, and each that is there exists", () => {
  const codes = read("src/client/reliable-websocket/errors.ts").matchAll(/\| "(RWS_ERR_\w+)"/g);
  const rows = read("docs/reference/errors.md").matchAll(/^\| `(RWS_ERR_\w+)` \|/gm);
  const known = [...codes].map(([, code]) => code);
  assert.ok(known.length > 5);
  assert.deepEqual(
    [...rows].map(([, code]) => code),
    known,
  );
});

test("an error has a name, a code, and a cause only if there is one", () => {
  const error = new ReliableWebSocketError("RWS_ERR_OFFLINE", "There is no network.");
  assert.deepEqual(
    [error.name, error.code, "cause" in error],
    ["ReliableWebSocketError", "RWS_ERR_OFFLINE", false],
  );
  assert.equal(new ReliableWebSocketError("RWS_ERR_ADDRESS", "x", "y").cause, "y");
});
