/**
 * Thrown by a case when the heartbeat came in between: a ping took the held GET that the case needed, or the session
 * may have ended because of the time and not because of what the case did. It proves nothing; the case is run again.
 */
export class Disturbed extends Error {}
