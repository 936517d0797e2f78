import { type CaseSummary, summarize } from "../lib/case-summary.ts";
import type { Case } from "./case.ts";
import { cases } from "./cases/index.ts";

export { type ClientSuiteOptions, runClientSuite } from "./client-suite.ts";
export type { CaseResult, Report, Totals, Verdict } from "../lib/report.ts";
export { runServerSuite, type ServerSuiteOptions, type SuiteOptions } from "./server-suite.ts";

/** What a case is, without how it runs. */
export interface EndpointCaseSummary extends CaseSummary {
  /** Whom it can test. */
  tests: "server" | "client" | "both";
}

const TESTS: Record<Case["kind"], EndpointCaseSummary["tests"]> = {
  session: "both",
  "server-handshake": "server",
  "client-handshake": "client",
};

/** Every case, in the order of the reports. */
export function listCases(): EndpointCaseSummary[] {
  return cases.map((one) => ({ ...summarize(one), tests: TESTS[one.kind] }));
}
