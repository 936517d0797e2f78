import { runControl } from "./control.ts";
import { failureText, summaryText } from "../lib/report.ts";

/** The control from the command line: exit code 0 if `ws` fails just where it is listed. */
for (const compression of [true, false]) {
  const { report, surprises, stale } = await runControl(compression);
  for (const result of surprises) console.log(failureText(result));
  for (const id of stale) console.log(`PASS ${id}, though it is listed as failing: the list is out of date`);
  console.log(`ws ${compression ? "with" : "without"} compression: ${summaryText(report)}`);
  if (surprises.length + stale.length > 0) process.exitCode = 1;
}
