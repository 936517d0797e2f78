/** Why an outbox is not kept, or not all of it. */
export type StoreErrorCode =
  | "STORE_CLOSED"
  | "STORE_DAMAGED"
  | "STORE_IN_USE"
  | "STORE_OPEN_FAILED"
  | "STORE_WRITE_FAILED";

/**
 * What is emitted is not kept over a reload, until the next one: delivery goes on in memory. But for `STORE_DAMAGED`: what was kept is not all there, what comes is kept. Told by the manager's `emit_error`. Know it by its code, as
 * stores of other packages have a class of their own.
 */
export class StoreError extends Error {
  override readonly name = "StoreError";
  /** Stable, for programs. */
  readonly code: StoreErrorCode;

  /** `cause` is what the platform says. */
  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
