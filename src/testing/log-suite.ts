import type { Log } from "switchboard";
import type { SuiteTest } from "./adapter-suite.ts";
import { same } from "./expect.ts";
import { LogBench, LogTestHost } from "./log-bench.ts";
import type { DurableLog, LogChecks, LogWishes, MakeLog } from "./log-checks.ts";
import { addCommits } from "./log-suite-commits.ts";
import { addDurability } from "./log-suite-durability.ts";
import { addEntries } from "./log-suite-entries.ts";
import { addReading } from "./log-suite-reading.ts";
import { addSeats } from "./log-suite-seats.ts";
import { addRandomSteps } from "./log-suite-steps.ts";

/**
 * What every log must do, as tests for any runner. `make` gives each test a log of its own, which the test closes; a log that outlives its
 * process says with `durable` how it is opened again.
 *
 * Time and randomness come from the host that the suite gives; its clock stands still while a test waits, so a log's own work must not wait for it.
 *
 * @example
 * for (const { name, run } of logSuite((host) => memoryLog()("/n", host))) test(name, run);
 */
export function logSuite(make: MakeLog, durable?: DurableLog): SuiteTest[] {
  const tests: SuiteTest[] = [];
  const add = (
    name: string,
    wishes: LogWishes,
    body: (bench: LogBench, open: (how: MakeLog) => Promise<LogBench>) => Promise<void>,
  ): void => {
    tests.push({ name, run: () => runTest(make, wishes, body) });
  };
  const checks: LogChecks = {
    check: (name, body, wishes = {}) => add(name, wishes, body),
    checkDurable: (name, body, wishes = {}) => {
      if (durable === undefined) return;
      add(name, wishes, (bench, open) => {
        let latest = bench;
        return body(bench, async () => {
          await latest.log.close();
          latest = await open(durable.reopen);
          return latest;
        });
      });
    },
    checkKilled: (name, body) => {
      const afterKill = durable?.afterKill;
      if (afterKill !== undefined) add(name, {}, (bench, open) => body(bench, () => open(afterKill)));
    },
  };
  addEntries(checks);
  addCommits(checks);
  addReading(checks);
  addSeats(checks);
  addRandomSteps(checks);
  addDurability(checks);
  return tests;
}

/** All logs that a test opens are closed after it, and none may have reported an error. */
async function runTest(
  make: MakeLog,
  wishes: LogWishes,
  body: (bench: LogBench, open: (how: MakeLog) => Promise<LogBench>) => Promise<void>,
): Promise<void> {
  const host = new LogTestHost();
  const opened: Log[] = [];
  const open = async (how: MakeLog, committed: LogBench["committed"] = []): Promise<LogBench> => {
    const log = await how(host, wishes);
    opened.push(log);
    return new LogBench(log, host, committed);
  };
  try {
    const bench = await open(make);
    await body(bench, (how) => open(how, bench.committed));
  } finally {
    for (const log of opened.toReversed()) await log.close();
  }
  same(host.errors.map(String), [], "list of errors");
  same(host.clock.pending, 0, "number of timers that are left");
}
