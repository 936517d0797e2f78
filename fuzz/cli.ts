/**
 * `npm run fuzz -- [--minutes 10 | --inputs 100000] [--seed 1] [--target frame-parser] [--at 4711]`: tries new inputs on every
 * target in turn, and ends with code 1 at the first that breaks its invariant.
 */
import { parseArgs } from "node:util";
import { describe, FuzzFailure } from "./lib/fuzzer.ts";
import { TARGETS } from "./targets.ts";

const DEFAULT_MINUTES = 10;
/** With a time to fill, targets take turns of so many inputs. */
const ROUND = 20_000;

const { values } = parseArgs({
  options: {
    minutes: { type: "string" },
    inputs: { type: "string" },
    seed: { type: "string" },
    target: { type: "string", multiple: true },
    at: { type: "string" },
  },
});

function numberOf(name: "minutes" | "inputs" | "seed" | "at"): number | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  const number = Number(text);
  if (text.trim() === "" || !(number >= 0)) throw new FuzzFailure(`--${name} wants a number, not "${text}".`);
  return number;
}

async function main(): Promise<void> {
  const names = values.target ?? Object.keys(TARGETS);
  const unknown = names.filter((name) => !Object.hasOwn(TARGETS, name));
  if (unknown.length > 0) {
    throw new FuzzFailure(
      `There is no target ${unknown.join(", ")}; there are ${Object.keys(TARGETS).join(", ")}.`,
    );
  }
  const seed = (numberOf("seed") ?? Date.now()) >>> 0;
  const at = numberOf("at");
  const inputs = at === undefined ? numberOf("inputs") : 1;
  const minutes = numberOf("minutes") ?? DEFAULT_MINUTES;
  const untilMs = inputs === undefined ? performance.now() + minutes * 60_000 : Number.POSITIVE_INFINITY;
  console.log(`seed ${seed}`);
  for (let first = at ?? 0; ; first += ROUND) {
    for (const name of names) {
      const { run, share } = TARGETS[name]!;
      const count = inputs ?? Math.ceil(ROUND * share);
      console.log(describe(await run({ inputs: count, seed, first, untilMs })));
    }
    if (inputs !== undefined || performance.now() >= untilMs) return;
  }
}

try {
  await main();
} catch (error) {
  console.error(error instanceof FuzzFailure ? error.message : error);
  process.exitCode = 1;
}
