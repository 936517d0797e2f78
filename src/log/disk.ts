/** `switchboard/log/disk`: logs on disk. Needs the package `classic-level`. */
export { diskLog, type DiskLogs } from "./disk-log.ts";
export type { DiskLogOptions } from "./disk-log-options.ts";
export { LogError, type LogErrorCode } from "./errors.ts";
