/** Why something can't be kept, or a log not be opened. */
export type LogErrorCode = "LOG_CLOSED";

/** What a log can't do. The sentence may get better at any time; the code stays. */
export class LogError extends Error {
  override readonly name = "LogError";
  /** Stable, for programs. */
  readonly code: LogErrorCode;

  constructor(code: LogErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
