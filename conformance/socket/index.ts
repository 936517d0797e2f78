import { type CaseSummary, summarize } from "../lib/case-summary.ts";
import { cases } from "./cases/index.ts";

export type { CaseSummary } from "../lib/case-summary.ts";
export type { CaseResult, Report, Totals, Verdict } from "../lib/report.ts";
export { runSocketSuite, type SocketSuiteOptions } from "./suite.ts";

/** Every case, in the order of the reports. */
export function listCases(): CaseSummary[] {
  return cases.map(summarize);
}
