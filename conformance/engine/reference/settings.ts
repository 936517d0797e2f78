/** What the servers that this suite is proved against are started with. Short, so that the heartbeat is tested soon. */
export const PING_INTERVAL_MS = 300;
export const PING_TIMEOUT_MS = 200;
export const UPGRADE_TIMEOUT_MS = 700;
export const CLOSE_TEXT = "close-me";
/** engine.io's own default. */
export const MAX_PAYLOAD_BYTES = 1_000_000;
