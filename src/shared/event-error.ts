/**
 * A failure that the other side is told about: what a listener, or a middleware, throws, rejects with or passes on to refuse an event. The caller
 * who waits for the acknowledgement gets an error with the same `code`, `message` and `data`, if its client knows such errors (ours does). Of any
 * other error the caller is told no more than that the handler failed.
 *
 * @example
 * socket.on("rename", async (name) => {
 *   if (await isTaken(name)) throw new EventError("name_taken", `"${name}" is taken.`, { suggestion: `${name}2` });
 * });
 */
export class EventError extends Error {
  /** What went wrong, for programs. Ours are `handler_failed`, `invalid_arguments`, `rate_limited`, `join_refused` and `history_gap`. */
  readonly code: string;
  /** More about it, as JSON can hold it. */
  readonly data: unknown;

  constructor(code: string, message: string, data?: unknown) {
    super(message);
    this.name = "EventError";
    this.code = code;
    this.data = data;
  }
}
