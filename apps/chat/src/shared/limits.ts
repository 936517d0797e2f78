/** What the page and the server must agree on. The server enforces all of it; the page only explains it earlier. */

/** Longest display name, in UTF-16 units (what `string.length` counts). */
export const MAX_NAME_LENGTH = 32;

/** Longest room name, in UTF-16 units. */
export const MAX_ROOM_NAME_LENGTH = 32;

/** Longest message, in UTF-16 units. */
export const MAX_TEXT_LENGTH = 2_000;

/** Longest id a page may give a message, and longest session key. */
export const MAX_KEY_LENGTH = 64;

/** How many messages of a room are handed to whoever joins. */
export const HISTORY_LENGTH = 100;

/** A page tells that its user is typing at most this often. */
export const TYPING_THROTTLE_MS = 2_000;

/** Without news for this long, someone counts as no longer typing. Longer than the throttle, or it would flicker. */
export const TYPING_EXPIRY_MS = 5_000;

/** The rooms that are always there; the first one is where a page without a room in its address goes. */
export const DEFAULT_ROOMS = ["lobby", "coffee", "help"] as const;
