import { groupOf } from "../lib/choose.ts";
import { cases } from "./cases/index.ts";

export type { CaseResult, Report, Totals, Verdict } from "../lib/report.ts";
export { type EngineSuiteOptions, runEngineSuite } from "./suite.ts";

/** What a case is, without how it runs. */
export interface CaseSummary {
  id: string;
  group: string;
  section: string;
  sentence: string;
}

/** Every case, in the order of the reports. */
export function listCases(): CaseSummary[] {
  return cases.map((one) => ({
    id: one.id,
    group: groupOf(one),
    section: one.section,
    sentence: one.sentence,
  }));
}
