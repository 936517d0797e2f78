import { EventError } from "../shared/event-error.ts";
import type { Room } from "./room.ts";
import { type RoomMatch, roomMatcher } from "./room-match.ts";

/** Whether a socket may join a room: true, or a promise of it; anything else is no. */
export type JoinRule<Socket> = (socket: Socket, room: Room) => boolean | PromiseLike<boolean>;

interface Rule<Socket> {
  readonly matches: (room: Room) => boolean;
  readonly allow: JoinRule<Socket>;
}

/** Told what a rule threw, or rejected with; it counts as a no. */
export type OnRuleFailed = (error: unknown) => void;

const NONE: readonly Room[] = [];

/** Who may join which rooms of a namespace: all rules that mean a room must say yes, one after the other. */
export class JoinRules<Socket> {
  /** Replaced, never changed, so that it may be walked meanwhile. */
  #rules: readonly Rule<Socket>[] = [];

  add(match: RoomMatch, allow: JoinRule<Socket>): void {
    const matches = roomMatcher(match, "The rooms of a join rule");
    if (typeof allow !== "function")
      throw new TypeError(`A join rule must be a function, not ${typeof allow}.`);
    this.#rules = [...this.#rules, { matches, allow }];
  }

  /** Those of some rooms that a socket may not join, but for those that it is in already; a promise, which does not reject, only if a rule gives one. */
  refused(
    socket: Socket,
    given: readonly Room[],
    already: ReadonlySet<Room>,
    onFailed: OnRuleFailed,
  ): readonly Room[] | Promise<readonly Room[]> {
    if (this.#rules.length === 0) return NONE;
    const rooms = given.filter((room) => !already.has(room));
    const verdicts = rooms.map((room) => ask(this.#rules, 0, socket, room, onFailed));
    const refusedBy = (all: readonly boolean[]): Room[] => rooms.filter((_room, index) => !all[index]);
    return verdicts.some((verdict) => verdict instanceof Promise)
      ? Promise.all(verdicts.map((verdict) => Promise.resolve(verdict))).then(refusedBy)
      : refusedBy(verdicts as boolean[]);
  }

  copy(): JoinRules<Socket> {
    const copy = new JoinRules<Socket>();
    copy.#rules = this.#rules;
    return copy;
  }
}

/** What a socket gets that may not join. */
export function joinRefused(rooms: readonly Room[]): EventError {
  return new EventError("join_refused", `"${rooms[0]}" may not be joined.`, { rooms });
}

/** Asks the rules from one on. */
function ask<Socket>(
  rules: readonly Rule<Socket>[],
  from: number,
  socket: Socket,
  room: Room,
  onFailed: OnRuleFailed,
): boolean | Promise<boolean> {
  const fail = (error: unknown): boolean => {
    onFailed(error);
    return false;
  };
  try {
    for (let index = from; index < rules.length; index += 1) {
      const { matches, allow } = rules[index]!;
      if (!matches(room)) continue;
      const verdict: unknown = allow(socket, room);
      if (isThenable(verdict)) {
        const goOn = (allowed: unknown): boolean | Promise<boolean> =>
          allowed === true && ask(rules, index + 1, socket, room, onFailed);
        return Promise.resolve(verdict).then(goOn, fail);
      }
      if (verdict !== true) return false;
    }
    return true;
  } catch (error) {
    return fail(error);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === "function";
}
