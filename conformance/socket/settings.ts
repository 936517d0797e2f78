/** What the caller has told us about the server under test. */
export interface Settings {
  /** The time the server gives a session to join a namespace, in milliseconds, if that was said. */
  connectTimeoutMs?: number | undefined;
  /** Whether the server has `/guarded`. Default: false. */
  guarded?: boolean | undefined;
}
