export type Verdict = "pass" | "fail" | "n.a.";

export interface CaseResult {
  id: string;
  section: string;
  sentence: string;
  verdict: Verdict;
  /** How long the case took. */
  ms: number;
  /** What had to happen, in words; only of failures. */
  expected?: string;
  /** What happened instead; only of failures. */
  got?: string;
  /** Why the case is not applicable. */
  reason?: string;
}

export interface Totals {
  pass: number;
  fail: number;
  notApplicable: number;
}

export interface Report {
  /** The URL that was tested, or the one that clients came to. */
  target: string;
  results: CaseResult[];
  totals: Totals;
  groups: Record<string, Totals>;
  /** How long the whole run took. */
  ms: number;
}

export function makeReport(target: string, results: CaseResult[], ms: number): Report {
  const groups: Record<string, Totals> = {};
  const totals = count(results);
  for (const group of new Set(results.map(({ id }) => id.split("/")[0]!))) {
    groups[group] = count(results.filter(({ id }) => id.startsWith(`${group}/`)));
  }
  return { target, results, totals, groups, ms };
}

function count(results: readonly CaseResult[]): Totals {
  const of = (verdict: Verdict): number => results.filter((result) => result.verdict === verdict).length;
  return { pass: of("pass"), fail: of("fail"), notApplicable: of("n.a.") };
}

export function failureText({ id, section, sentence, expected, got }: CaseResult): string {
  return `FAIL ${id} (${section}) ${sentence}\n     expected ${expected}\n     got      ${got}`;
}

/** The failures in a line each, for tests that compare them with none. */
export function failureLines({ results }: Report): string[] {
  return results
    .filter(({ verdict }) => verdict === "fail")
    .map(({ id, expected, got }) => `${id}: expected ${expected}; got ${got}`);
}

/** One row per group and a sum. */
export function summaryText({ groups, totals, target, ms }: Report): string {
  const rows = [...Object.entries(groups), ["all", totals] as const];
  const lines = rows.map(([name, { pass, fail, notApplicable }]) =>
    [
      name.padEnd(16),
      String(pass).padStart(6),
      String(fail).padStart(6),
      String(notApplicable).padStart(6),
    ].join(""),
  );
  return [`${target}, ${(ms / 1000).toFixed(1)} s`, `${"group".padEnd(16)}  pass  fail  n.a.`, ...lines].join(
    "\n",
  );
}
