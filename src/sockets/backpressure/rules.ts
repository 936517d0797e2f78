import type { EventMap, EventNames } from "../../shared/events.ts";
import { checkNames, checkObject } from "../../shared/known-names.ts";
import type { Room } from "../room.ts";
import { type RoomMatch, roomMatcher } from "../room-match.ts";
import type { SentArguments } from "../validation.ts";
import type { WhenSlow } from "./when-slow.ts";

/** What a lane's key may be: it counts as text. */
export type BackpressureKey = string | number;

/**
 * What becomes of events for clients that do not read as fast as they are sent to. A client is slow while more than `above` bytes wait for it.
 *
 * - `pause-and-recover`: where it can come back to them in the log, it is sent no more, and later what it has missed (`pauseAbove` of the option `delivery`); else
 *   they wait, up to `maxBufferedBytes`. So it is for all that nothing is said of.
 * - `latest-only`: of those that wait only the newest is sent, for each key. `key` is given what the event carries; without it there is one.
 * - `drop-oldest`: of those that wait only the newest are sent, `keep` of them (default 100).
 * - `disconnect`: its connection ends.
 *
 * `above` is 65,536 bytes unless said, with `disconnect` 1,048,576.
 */
export type Backpressure<Arguments extends readonly unknown[] = readonly unknown[]> =
  | "pause-and-recover"
  | "latest-only"
  | "drop-oldest"
  | "disconnect"
  | { readonly policy: "pause-and-recover" }
  | {
      readonly policy: "latest-only";
      readonly key?: (...args: Arguments) => BackpressureKey;
      readonly above?: number;
    }
  | { readonly policy: "drop-oldest"; readonly keep?: number; readonly above?: number }
  | { readonly policy: "disconnect"; readonly above?: number };

/** The same for all events to rooms; the key of `latest-only` is given the event's name, too. */
export type RoomBackpressure = {
  /** Its name, or a pattern of names, or what tells of a name. */
  readonly room: RoomMatch;
} & Exclude<Backpressure<[event: string, ...args: unknown[]]>, string>;

/** For events, by name, and for rooms, in order: the first one counts; an event's own goes before those of rooms. */
export interface BackpressureOptions<EmitEvents extends EventMap> {
  readonly events?: {
    readonly [Name in EventNames<EmitEvents>]?: Backpressure<SentArguments<Parameters<EmitEvents[Name]>>>;
  };
  readonly rooms?: readonly RoomBackpressure[];
}

const DEFAULT_KEEP = 100;
const MAX_KEEP = 10_000;
const SLOW_ABOVE_BYTES = 64 * 1024;
const DISCONNECT_ABOVE_BYTES = 1024 * 1024;
/** Events whose key is longer have no lane. */
const MAX_KEY_LENGTH = 1024;
const RULE_NAMES = ["policy", "key", "keep", "above", "room"];
const ONE_KEY = (): string => "";

/** A policy with its defaults; undefined: pause and recover. */
interface Rule {
  readonly aboveBytes: number;
  readonly keep: number;
  /** Undefined: disconnect. */
  readonly key: ((...args: unknown[]) => BackpressureKey) | undefined;
}
interface RoomRule {
  readonly matches: (room: Room) => boolean;
  readonly rule: Rule | undefined;
}

/** The policies of a namespace. */
export class BackpressureRules {
  #events: ReadonlyMap<string, Rule | undefined> = new Map();
  #rooms: readonly RoomRule[] = [];

  /** Adds policies; an event that has one gets the new one. Throws a `TypeError` or `RangeError` for one that can't be, and then adds none. */
  add(options: BackpressureOptions<EventMap>): void {
    checkNames("backpressure", options, ["events", "rooms"]);
    const { events = {}, rooms = [] } = options;
    checkObject("backpressure.events", events);
    if (!Array.isArray(rooms)) throw new TypeError('The option "backpressure.rooms" must be a list.');
    const given = Object.entries(events).filter(([, policy]) => policy !== undefined);
    const ofEvents = given.map(([name, policy]) => [name, ruleOf(policy as Backpressure, name)] as const);
    const ofRooms = rooms.map((each) => ({
      matches: roomMatcher(each.room, '"room" of a policy'),
      rule: ruleOf(each, "rooms"),
    }));
    this.#events = new Map([...this.#events, ...ofEvents]);
    this.#rooms = [...this.#rooms, ...ofRooms];
  }

  /** What is to become of an event for those who are slow; undefined: pause and recover. What a `key` throws, it throws. */
  whenSlow(
    name: string,
    args: readonly unknown[],
    rooms: Iterable<Room>,
    except: Iterable<Room>,
  ): WhenSlow | undefined {
    if (this.#events.size === 0 && this.#rooms.length === 0) return undefined;
    const to = [...rooms];
    const isOfEvent = this.#events.has(name);
    const rule = isOfEvent
      ? this.#events.get(name)
      : this.#rooms.find(({ matches }) => to.some((room) => matches(room)))?.rule;
    if (rule === undefined) return undefined;
    const { aboveBytes, keep } = rule;
    if (rule.key === undefined) return { aboveBytes, lane: undefined };
    const own = String(isOfEvent ? rule.key(...args) : rule.key(name, ...args));
    if (own.length > MAX_KEY_LENGTH) return undefined;
    // Whom it is for is a part of it: else one that somebody does not get would take the place of one that is for him.
    const key = JSON.stringify([isOfEvent ? name : "", own, to, [...except]]);
    return { aboveBytes, lane: { key, keep } };
  }

  copy(): BackpressureRules {
    const copy = new BackpressureRules();
    copy.#events = this.#events;
    copy.#rooms = this.#rooms;
    return copy;
  }
}

function ruleOf(given: Backpressure | RoomBackpressure, name: string): Rule | undefined {
  const options = typeof given === "string" ? { policy: given } : given;
  checkNames(`backpressure of ${name}`, options, RULE_NAMES);
  const { policy, key, keep, above } = options as {
    policy: string;
    key?: Rule["key"];
    keep?: number;
    above?: number;
  };
  const slow = checked("above", above ?? SLOW_ABOVE_BYTES, Number.MAX_SAFE_INTEGER, name);
  switch (policy) {
    case "pause-and-recover":
      return undefined;
    case "disconnect":
      return { aboveBytes: above === undefined ? DISCONNECT_ABOVE_BYTES : slow, keep: 0, key: undefined };
    case "drop-oldest":
      return { aboveBytes: slow, keep: checked("keep", keep ?? DEFAULT_KEEP, MAX_KEEP, name), key: ONE_KEY };
    case "latest-only":
      if (key !== undefined && typeof key !== "function") {
        throw new TypeError(`The "key" of the policy for "${name}" must be a function, not ${typeof key}.`);
      }
      return { aboveBytes: slow, keep: 1, key: key ?? ONE_KEY };
    default:
      throw new TypeError(
        `"${policy}", for "${name}", is no policy: "pause-and-recover", "latest-only", "drop-oldest" and "disconnect" are.`,
      );
  }
}

function checked(option: string, value: number, max: number, name: string): number {
  if (Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw new RangeError(
    `"${option}" of the policy for "${name}" must be a whole number from 1 to ${max}, not ${value}.`,
  );
}
