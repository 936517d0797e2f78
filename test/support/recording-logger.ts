import assert from "node:assert/strict";
import type { Logger } from "../../src/shared/logger.ts";

interface LogEntry {
  readonly level: "warn" | "error";
  readonly details: object;
  readonly message: string;
}

/** Keeps the warnings and errors that are logged. */
export class RecordingLogger implements Logger {
  #entries: LogEntry[] = [];

  debug(): void {}

  info(): void {}

  warn(details: object, message: string): void {
    this.#entries.push({ level: "warn", details, message });
  }

  error(details: object, message: string): void {
    this.#entries.push({ level: "error", details, message });
  }

  /** What was logged since the last call. */
  take(): LogEntry[] {
    const entries = this.#entries;
    this.#entries = [];
    return entries;
  }

  /** Nothing must have been logged that the test did not take. */
  assertEmpty(): void {
    assert.deepEqual(this.take(), []);
  }
}
