/** What the caller has told us about the server under test. */
export interface Settings {
  /** The text message on which the server closes its session, if there is one. */
  closeText?: string | undefined;
  /** The time the server gives an upgrade, in milliseconds, if that was said. */
  upgradeTimeoutMs?: number | undefined;
}
