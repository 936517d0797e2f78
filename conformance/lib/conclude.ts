import { compare, type Expectations, readExpectations, reasonFor } from "./expectations.ts";
import { type CaseResult, failureText, type Report, summaryText } from "./report.ts";

/** What a command line says of a run: each failure as it comes, and in the end the sums and the exit code. */
export class Conclusion {
  readonly #expected: Expectations;
  readonly #listed: boolean;

  private constructor(expected: Expectations, listed: boolean) {
    this.#expected = expected;
    this.#listed = listed;
  }

  /** With the lists of failures that are known. Default: none. */
  static async from(lists: readonly string[] | undefined): Promise<Conclusion> {
    return new Conclusion(await readExpectations(lists ?? []), lists !== undefined);
  }

  /** Prints a failure that nobody expected. */
  hear(result: CaseResult): void {
    if (result.verdict === "fail" && !reasonFor(result.id, this.#expected)) console.log(failureText(result));
  }

  /** Prints the sums. Gives the exit code: 1 if anything was other than expected, or nothing was run. */
  print(report: Report): 0 | 1 {
    const { surprises, stale } = compare(report, this.#expected);
    for (const id of stale)
      console.log(`PASS ${id}, though it is listed as failing: the list is out of date`);
    console.log(summaryText(report));
    if (this.#listed) console.log(`${report.totals.fail - surprises.length} failures were expected.`);
    if (report.results.length === 0) console.log("No case matches.");
    return surprises.length + stale.length > 0 || report.results.length === 0 ? 1 : 0;
  }
}

/** A number from the command line. */
export function number(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d+(\.\d+)?$/.test(text)) throw new Error(`"${text}" is not a number`);
  return Number(text);
}
