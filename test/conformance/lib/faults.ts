import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { BYSTANDER } from "../../../conformance/lib/bystander.ts";
import type { Fault } from "../../../conformance/lib/fault.ts";
import type { Report } from "../../../conformance/lib/report.ts";

/**
 * Each fault is caught by the case that it names. That case must see it itself, and not the session beside it, unless
 * the fault is `harmful`: that it does harm to others is all there is to see.
 */
export function testFaults<Name extends string>(
  who: string,
  faults: Readonly<Record<Name, Fault>>,
  run: (fault: NoInfer<Name>, caughtBy: string) => Promise<Report>,
  harmful: readonly NoInfer<Name>[] = [],
): void {
  describe(`${who} with one fault`, { concurrency: 8 }, () => {
    for (const [key, { sentence, caughtBy }] of Object.entries<Fault>(faults)) {
      const name = key as Name;
      test(`${name}: ${caughtBy} catches it. ${sentence}`, async () => {
        const report = await run(name, caughtBy);
        const result = report.results.find(({ id }) => id === caughtBy);
        assert.equal(result?.verdict, "fail", `${caughtBy} let the fault pass`);
        if (!harmful.includes(name)) assert.notEqual(result.expected, BYSTANDER);
      });
    }
  });
}
