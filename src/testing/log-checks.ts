import type { Log, LogHost } from "switchboard";
import type { LogBench } from "./log-bench.ts";

/** What a test would like the log to be made with; a log that has no such option leaves it out, and keeps more. */
export interface LogWishes {
  /** How many entries need to be kept. */
  readonly maxEntries?: number;
  /** How many of a room's last entries are kept, however many others come; the log's history. */
  readonly history?: (room: string) => number;
}

/** Makes an empty log of one namespace. */
export type MakeLog = (host: LogHost, wishes: LogWishes) => Log | Promise<Log>;

/** How a log that outlives its process is opened again. The wishes are those that it was made with. */
export interface DurableLog {
  /** Opens anew what was made last, and closed. */
  reopen: MakeLog;
  /**
   * Opens a copy of what was made last as it would be found if the process were killed at this moment; the log itself is still open, and goes on.
   * Without it, nothing is tested about that.
   */
  afterKill?: MakeLog;
}

/** What a suite's part adds its tests with. */
export interface LogChecks {
  /** A test with a log of its own, which is closed after it. */
  check(name: string, body: (bench: LogBench) => Promise<void>, wishes?: LogWishes): void;
  /** The same with a log that can be opened again. */
  checkDurable(
    name: string,
    body: (bench: LogBench, reopen: Reopen) => Promise<void>,
    wishes?: LogWishes,
  ): void;
  /** The same with one that can be looked at as if the process had been killed. */
  checkKilled(name: string, body: (bench: LogBench, afterKill: Reopen) => Promise<void>): void;
}

/** The log, opened anew; what was told as committed by the one before is known to the bench. */
export type Reopen = () => Promise<LogBench>;
