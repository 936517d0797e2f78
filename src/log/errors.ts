/** Why something can't be kept, or a log not be opened. */
export type LogErrorCode =
  | "LOG_BUSY"
  | "LOG_CLOSED"
  | "LOG_DAMAGED"
  | "LOG_ENGINE_MISSING"
  | "LOG_IN_USE"
  | "LOG_OPEN_FAILED"
  | "LOG_WRITE_FAILED";

/** What a log can't do. The sentence may get better at any time; the code stays. */
export class LogError extends Error {
  override readonly name = "LogError";
  /** Stable, for programs. */
  readonly code: LogErrorCode;

  /** `cause` is what the operating system or the storage engine says. */
  constructor(code: LogErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
