import { readFile } from "node:fs/promises";
import type { CaseResult, Report } from "./report.ts";

/** Case id → why this endpoint fails it. An id that ends in `*` stands for all that begin so: every one must fail. */
export type Expectations = Record<string, string>;

export async function readExpectations(paths: readonly string[]): Promise<Expectations> {
  const lists = await Promise.all(
    paths.map(async (path) => JSON.parse(await readFile(path, "utf8")) as Expectations),
  );
  return Object.assign({}, ...lists) as Expectations;
}

/** Why a case is expected to fail; undefined if it isn't. */
export function reasonFor(id: string, expectations: Expectations): string | undefined {
  if (expectations[id] !== undefined) return expectations[id];
  const pattern = Object.keys(expectations).find(
    (key) => key.endsWith("*") && id.startsWith(key.slice(0, -1)),
  );
  return pattern === undefined ? undefined : expectations[pattern];
}

export interface Comparison {
  /** Failures that nobody expected. */
  surprises: CaseResult[];
  /** Ids that were expected to fail and passed: the list is out of date. */
  stale: string[];
}

/** Sets a report against a list. Cases that were not run, or not applicable, say nothing about the list. */
export function compare({ results }: Report, expectations: Expectations): Comparison {
  const listed = ({ id }: CaseResult): boolean => reasonFor(id, expectations) !== undefined;
  return {
    surprises: results.filter((result) => result.verdict === "fail" && !listed(result)),
    stale: results.filter((result) => result.verdict === "pass" && listed(result)).map(({ id }) => id),
  };
}
