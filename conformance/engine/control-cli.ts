import { failureText, summaryText } from "../lib/report.ts";
import { runControl } from "./control.ts";

/** The control from the command line: exit code 0 if `engine.io` fails just where it is listed. */
const { report, surprises, stale } = await runControl();
for (const result of surprises) console.log(failureText(result));
for (const id of stale) console.log(`PASS ${id}, though it is listed as failing: the list is out of date`);
console.log(`engine.io: ${summaryText(report)}`);
if (surprises.length + stale.length > 0) process.exitCode = 1;
