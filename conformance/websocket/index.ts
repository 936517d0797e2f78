import { groupOf } from "../lib/choose.ts";
import type { Case } from "./case.ts";
import { cases } from "./cases/index.ts";

export { type ClientSuiteOptions, runClientSuite } from "./client-suite.ts";
export type { CaseResult, Report, Totals, Verdict } from "../lib/report.ts";
export { runServerSuite, type ServerSuiteOptions, type SuiteOptions } from "./server-suite.ts";

/** What a case is, without how it runs. */
export interface CaseSummary {
  id: string;
  group: string;
  section: string;
  sentence: string;
  /** Whom it can test. */
  tests: "server" | "client" | "both";
}

const TESTS: Record<Case["kind"], CaseSummary["tests"]> = {
  session: "both",
  "server-handshake": "server",
  "client-handshake": "client",
};

/** Every case, in the order of the reports. */
export function listCases(): CaseSummary[] {
  return cases.map((one) => ({
    id: one.id,
    group: groupOf(one),
    section: one.section,
    sentence: one.sentence,
    tests: TESTS[one.kind],
  }));
}
