import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { TYPESCRIPT } from "../../scripts/lib/typescript.mjs";
import { diskLog } from "../../src/log/disk.ts";
import { LogBench, LogTestHost } from "../../src/testing/log-bench.ts";

const PROGRAM = fileURLToPath(new URL("limited-process.ts", import.meta.url));
/** Writing beyond it fails as on a full disk; in 1,024 bytes. */
const MAX_FILE_BLOCKS = 150;

interface Said {
  readonly kept: [number, string][];
  readonly failed: string[];
  readonly codes: string[];
  readonly errors: string[];
}

test("what the disk refuses is told as failed, nothing else is; and it goes on when the disk does", async () => {
  const path = mkdtempSync(join(tmpdir(), "switchboard-log-full-"));
  try {
    const command = `trap '' XFSZ; ulimit -S -f ${MAX_FILE_BLOCKS}; exec "$@"`;
    const args = ["-c", command, "bash", process.execPath, ...TYPESCRIPT, PROGRAM, path];
    const { stdout } = await promisify(execFile)("bash", args, { maxBuffer: 1e8 });
    const said = JSON.parse(stdout) as Said;
    assert.deepEqual([said.codes, said.errors], [["LOG_WRITE_FAILED"], ["LOG_WRITE_FAILED"]]);
    assert.ok(said.kept.length > 20, `${said.kept.length} kept`);
    // It went on behind a failure.
    assert.ok(
      said.kept.some(([, body]) => Number(JSON.parse(body)[0]) > Number(JSON.parse(said.failed[0]!)[0])),
    );

    const logs = await diskLog({ path });
    const log = logs("/n", new LogTestHost());
    const found = await new LogBench(log, new LogTestHost()).readAll();
    assert.deepEqual(
      found.map(({ offset, body }) => [offset, body]),
      said.kept,
    );
    await logs.close();
  } finally {
    rmSync(path, { recursive: true });
  }
});
