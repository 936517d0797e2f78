/** Where in the application something failed. */
export interface HandlerErrorContext {
  /**
   * The event whose listener failed, or what else did: `acknowledgement` (a callback), `middleware`, `namespace` (a function that
   * was given to `of`), `joinRule`, `adapter`.
   */
  readonly event: string;
  readonly namespace: string;
  /** The socket it was for, if any. */
  readonly socketId: string | undefined;
}
