import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { runControl } from "../../../conformance/socket/control.ts";
import { listCases } from "../../../conformance/socket/index.ts";

describe("the control", () => {
  test("socket.io fails just where it is known to", async () => {
    const { report, surprises, stale } = await runControl({ timeScale: 3 });
    assert.deepEqual(surprises, []);
    assert.deepEqual(stale, []);
    assert.equal(report.totals.notApplicable, 0);
  });
});

describe("the cases", () => {
  test("have names of their own", () => {
    const ids = listCases().map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
  });

  test("are told in a sentence each", () => {
    const short = listCases().filter(({ sentence }) => !/^[A-Z].*[.)]$/.test(sentence));
    assert.deepEqual(short, []);
  });
});
