import type { Room } from "./room.ts";

/** Which rooms are meant: one by its name, those that a pattern fits, or those that a function says yes to. */
export type RoomMatch = Room | RegExp | ((room: Room) => boolean);

/**
 * Tells whether a room is meant. Code without types may name rooms by numbers: these are meant as their digits are. Throws a `TypeError`, which says what it is `of`, for
 * what means no rooms.
 */
export function roomMatcher(match: RoomMatch, of: string): (room: Room) => boolean {
  if (typeof match === "function") return (name) => match(nameOf(name));
  if (typeof match === "string") return (name) => nameOf(name) === match;
  if (!(match instanceof RegExp)) {
    throw new TypeError(`${of} must be a string, a pattern or a function, not ${typeof match}.`);
  }
  // With these flags, a pattern would go on where its last match ended.
  const whole = new RegExp(match.source, match.flags.replace(/[gy]/g, ""));
  return (name) => whole.test(name);
}

function nameOf(room: unknown): Room {
  return String(room);
}
