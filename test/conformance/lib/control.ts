import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { CaseSummary } from "../../../conformance/lib/case-summary.ts";
import type { ControlResult } from "../../../conformance/lib/control.ts";

/**
 * A suite against a package that people use, which must fail just where it is known to. Only cases of `untold` groups
 * may have nothing to test.
 */
export function testControl(
  name: string,
  runControl: () => Promise<ControlResult>,
  untold: readonly string[] = [],
): void {
  test(`the control: ${name} fails just where it is known to`, async () => {
    const { report, surprises, stale } = await runControl();
    assert.deepEqual(surprises, []);
    assert.deepEqual(stale, []);
    const idle = Object.entries(report.groups).filter(([, { notApplicable }]) => notApplicable > 0);
    assert.deepEqual(
      idle.map(([group]) => group),
      untold,
    );
  });
}

/** The cases of a suite can be named and told. */
export function testCases(cases: readonly CaseSummary[]): void {
  describe("the cases", () => {
    test("have names of their own", () => {
      const ids = cases.map(({ id }) => id);
      assert.equal(new Set(ids).size, ids.length);
    });

    test("are told in a sentence each", () => {
      const short = cases.filter(({ sentence }) => !/^[A-Z].*[.)]$/.test(sentence));
      assert.deepEqual(short, []);
    });
  });
}
