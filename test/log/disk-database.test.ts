import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { TYPESCRIPT } from "../../scripts/lib/typescript.mjs";

const SOURCE = fileURLToPath(new URL("../../src", import.meta.url));

test("without the engine's package the entry loads, and opening a log says what to install", async () => {
  // Where no package is within reach.
  const folder = mkdtempSync(join(tmpdir(), "switchboard-no-engine-"));
  try {
    for (const part of ["log", "shared"])
      cpSync(join(SOURCE, part), join(folder, "src", part), { recursive: true });
    writeFileSync(join(folder, "package.json"), '{"type":"module"}');
    const program = `
      import { diskLog } from "./src/log/disk.ts";
      try { await diskLog({ path: "log" }); } catch ({ name, code, message }) { console.log(JSON.stringify([name, code, message])); }`;
    writeFileSync(join(folder, "program.ts"), program);
    const args = [...TYPESCRIPT, "program.ts"];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder });
    const sentence = 'A log on disk needs the package "classic-level": npm install classic-level@3.';
    assert.deepEqual(JSON.parse(stdout), ["LogError", "LOG_ENGINE_MISSING", sentence]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
