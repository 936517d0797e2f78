import type { Runnable } from "../lib/run-case.ts";
import { NotApplicable } from "../lib/verdict.ts";
import type { Visit } from "./visit.ts";

/** One rule and how to see whether the server keeps it. */
export interface Case extends Runnable {
  /** Looks at the clock. Such cases run before the others, which keep the server busy. */
  timed?: boolean;
  run(visit: Visit): Promise<void>;
}

/** Makes the cases of one group. */
export type CaseMaker = (
  name: string,
  sentence: string,
  run: Case["run"],
  extra?: Pick<Case, "timed" | "timeoutMs">,
) => Case;

/** `section` is the heading in the Engine.IO v4 protocol document, where it says the rule. */
export function group(prefix: string, section: string): CaseMaker {
  return (name, sentence, run, extra = {}) => ({
    id: `${prefix}/${name}`,
    section: `v4, ${section}`,
    sentence,
    run,
    ...extra,
  });
}

/** The text that makes the server close a session. Not applicable if it has none. */
export function closeTextOf({ settings }: Visit): string {
  if (settings.closeText === undefined) throw new NotApplicable("no --close-text was given");
  return settings.closeText;
}
