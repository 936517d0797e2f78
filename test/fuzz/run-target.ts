import assert from "node:assert/strict";
import { test } from "node:test";
import { describe, MAX_GROWTH_BYTES, type Run } from "../../fuzz/lib/fuzzer.ts";

/** In CI the inputs are always the same; `npm run fuzz` looks for new ones. */
const SEED = 1;

/** What a run must show. */
export interface Expectation {
  readonly inputs: number;
  /** What the code under test must have made of at least some of the inputs: else they don't reach it. */
  readonly reaches: readonly string[];
}

/** Tries a target's inputs; the target itself throws at the first that breaks its invariant. */
export function testTarget(name: string, run: Run, { inputs, reaches }: Expectation): void {
  void test(`${name}: ${inputs} inputs`, async (t) => {
    const report = await run({ inputs, seed: SEED });
    t.diagnostic(describe(report));
    assert.equal(report.inputs, inputs);
    assert.ok(report.grownBytes <= MAX_GROWTH_BYTES);
    assert.deepEqual(
      reaches.filter((outcome) => !report.outcomes.has(outcome)),
      [],
      "outcomes that no input led to",
    );
  });
}
