/** `switchboard/log`: logs, which make a missed event come back. */
export { LogError, type LogErrorCode } from "./errors.ts";
export { memoryLog } from "./memory-log.ts";
export type { HistoryOptions, MemoryLogOptions } from "./memory-log-options.ts";
