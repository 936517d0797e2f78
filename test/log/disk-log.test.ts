import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { diskLog, type DiskLogOptions, type DiskLogs } from "../../src/log/disk.ts";
import type { Log, LogHost } from "../../src/sockets/log.ts";
import { logSuite, type LogWishes } from "../../src/testing/index.ts";

const folder = mkdtempSync(join(tmpdir(), "switchboard-log-"));
let count = 0;
let path = "";
after(() => rmSync(folder, { recursive: true }));

/** The namespace's log, with the store closed behind it. */
async function open(at: string, host: LogHost, { maxEntries, history }: LogWishes): Promise<Log> {
  const options: DiskLogOptions = { path: at, maxMemoryBytes: 8000 };
  // Sixteen parts, each of some entries.
  if (maxEntries !== undefined) options.maxBytes = 16 * 1000;
  if (history !== undefined) options.history = { rooms: history };
  const logs: DiskLogs = await diskLog(options);
  const log = logs("/n", host);
  const close = log.close.bind(log);
  log.close = async () => {
    await close();
    await logs.close();
  };
  return log;
}

describe("the suite", () => {
  const suite = logSuite((host, wishes) => open((path = join(folder, `${++count}`)), host, wishes), {
    reopen: (host, wishes) => open(path, host, wishes),
    afterKill: (host, wishes) => {
      const copy = join(folder, `${++count}`);
      cpSync(path, copy, { recursive: true });
      return open(copy, host, wishes);
    },
  });
  for (const { name, run } of suite) test(name, run);
});
