import { fork } from "node:child_process";
import { once } from "node:events";
import { TYPESCRIPT } from "../../scripts/lib/typescript.mjs";
import { type Comparison, compare, readExpectations } from "./expectations.ts";
import { failureText, type Report, summaryText } from "./report.ts";

/** What a control found: the suite against a package that people use, which must fail just where it is listed. */
export interface ControlResult extends Comparison {
  report: Report;
}

/** Sets a report against lists of failures that are known. */
export async function judgeControl(report: Report, lists: readonly URL[]): Promise<ControlResult> {
  return { report, ...compare(report, await readExpectations(lists.map(({ pathname }) => pathname))) };
}

/** Starts a script that tells its URL to the process that forked it, and ends it after use. */
export async function withForked<T>(script: URL, use: (url: string) => Promise<T>): Promise<T> {
  const server = fork(script, { execArgv: TYPESCRIPT });
  try {
    const [url] = (await once(server, "message")) as [string];
    return await use(url);
  } finally {
    const exited = once(server, "exit");
    server.kill();
    await exited;
  }
}

/** Prints what was not expected and the sums; the exit code is 1 if there was anything. */
export function printControl(name: string, { report, surprises, stale }: ControlResult): void {
  for (const result of surprises) console.log(failureText(result));
  for (const id of stale) console.log(`PASS ${id}, though it is listed as failing: the list is out of date`);
  console.log(`${name}: ${summaryText(report)}`);
  if (surprises.length + stale.length > 0) process.exitCode = 1;
}
