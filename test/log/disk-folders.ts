/** Folders for tests of logs on disk, which are gone after them. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach } from "node:test";
import { diskLog, type DiskLogOptions, type DiskLogs } from "../../src/log/disk.ts";
import type { Log } from "../../src/sockets/log.ts";
import { LogBench, LogTestHost } from "../../src/testing/log-bench.ts";

const folder = mkdtempSync(join(tmpdir(), "switchboard-log-"));
after(() => rmSync(folder, { recursive: true }));
let count = 0;
let seed = 0;
export const opened: DiskLogs[] = [];
afterEach(async () => {
  for (const logs of opened.splice(0)) await logs.close();
});

/** The log of one namespace, alone in its folder. */
export interface Opened {
  readonly logs: DiskLogs;
  readonly log: Log;
  readonly bench: LogBench;
  readonly host: LogTestHost;
}

/** A folder that is not there yet. */
export function newPath(): string {
  return join(folder, `${++count}`);
}

/** Opens it; it is closed after the test. */
export async function open(path: string, options: Partial<DiskLogOptions> = {}): Promise<Opened> {
  const logs = await diskLog({ path, ...options });
  opened.push(logs);
  const host = new LogTestHost(++seed * 1_000_003);
  const log = logs("/n", host);
  return { logs, log, host, bench: new LogBench(log, host) };
}

/** The database's files whose names end so. */
export function filesOf(path: string, end: string): string[] {
  const database = join(path, "database");
  return readdirSync(database)
    .filter((name) => name.endsWith(end))
    .map((name) => join(database, name));
}

/** The file that the newest commits are in. */
export function journalOf(path: string): string {
  return filesOf(path, ".log").toSorted().at(-1)!;
}
