import assert from "node:assert/strict";
import { test } from "node:test";
import { consoleLogger } from "../../src/shared/logger.ts";

test("the default logger writes warnings and errors to the console, the message first, and nothing else", (t) => {
  const lines: unknown[][] = [];
  for (const method of ["debug", "info", "log", "warn", "error"] as const) {
    t.mock.method(console, method, (...args: unknown[]) => void lines.push([method, ...args]));
  }
  const details = { err: new Error("boom") };
  consoleLogger.debug(details, "d");
  consoleLogger.info(details, "i");
  consoleLogger.warn(details, "w");
  consoleLogger.error(details, "e");
  assert.deepEqual(lines, [
    ["warn", "w", details],
    ["error", "e", details],
  ]);
});
