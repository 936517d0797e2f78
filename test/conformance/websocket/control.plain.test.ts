import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { runControl } from "../../../conformance/websocket/control.ts";

describe("the control", () => {
  test("ws fails just where it is known to, without compression", async () => {
    const { surprises, stale } = await runControl(false);
    assert.deepEqual(surprises, []);
    assert.deepEqual(stale, []);
  });
});
