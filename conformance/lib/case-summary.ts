import { groupOf } from "./choose.ts";
import type { Runnable } from "./run-case.ts";

/** What a case is, without how it runs. */
export interface CaseSummary {
  id: string;
  group: string;
  section: string;
  sentence: string;
}

export function summarize({ id, section, sentence }: Runnable): CaseSummary {
  return { id, group: groupOf({ id }), section, sentence };
}
