/** Every bound of the chat's memory and pace. None grows with the number of messages ever sent. */

/** Rooms held at once. When a new one is wanted, the one that has been empty longest goes, with its history. */
export const MAX_ROOMS = 100;

/**
 * Message ids a room remembers to recognise a repetition. A page repeats within seconds of coming back,
 * so this is thousands of messages more than it takes; beyond it, a repetition would count as new.
 */
export const REMEMBERED_IDS = 2_000;

/** People named in a presence list; the rest are only counted. */
export const MAX_PEOPLE_LISTED = 200;

/** Changes of who is where are told at most this often. */
export const PRESENCE_INTERVAL_MS = 50;

/** Messages one connection may send at once, and then per second. */
export const SEND_PACE = { burst: 10, perSecond: 5 } as const;

/** The same for joining and for typing notices. */
export const NOTICE_PACE = { burst: 20, perSecond: 5 } as const;

/** Heartbeat: someone whose network vanished leaves the list after at most the sum of the two. */
export const PING_INTERVAL_MS = 10_000;
export const PING_TIMEOUT_MS = 10_000;

/** Largest message on the wire, in bytes; a larger one closes the connection with 1009. */
export const MAX_WIRE_BYTES = 1_000_000;
