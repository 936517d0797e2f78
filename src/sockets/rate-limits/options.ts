import type { EventMap, EventNames } from "../../shared/events.ts";
import { checkNames, checkObject } from "../../shared/known-names.ts";
import { type TokenRate, tokenRate } from "./token-bucket.ts";

/** How many events may come. */
export interface EventRateOptions {
  /** So many a second, in the long run; more than 0, may be a fraction. */
  perSecond: number;
  /** So many at once, after a quiet while; 1 or more. Default: as many as in a second, at least 1. */
  burst?: number;
}

/** How many events clients may send. One that is too many reaches nobody; who waits for its acknowledgement is told when to try again. */
export interface RateLimitOptions<ListenEvents extends EventMap> {
  /** All events of one client's session, over all its namespaces; joining one counts as an event. Default: no limit. */
  connection?: EventRateOptions;
  /** Single events, by name: of one client, in each namespace. Default: no limit. */
  events?: { readonly [Name in EventNames<ListenEvents>]?: EventRateOptions };
  /** All clients of one address together (`handshake.address`; for IPv6, of one /64). Default: no limit. */
  address?: EventRateOptions;
  /**
   * The session ends of a client that goes on: after so many refusals at once, or in the long run so many in ten seconds. `Infinity`: never. Default
   * 1,000.
   */
  disconnectAfter?: number;
}

/** The options, as they are counted. */
export interface RateLimitSettings {
  readonly connection: TokenRate | undefined;
  readonly events: ReadonlyMap<string, TokenRate>;
  readonly address: TokenRate | undefined;
  /** Of refusals; undefined: there may be any number. */
  readonly refusals: TokenRate | undefined;
}

/** `disconnectAfter` refusals are forgiven in this time. */
export const REFUSALS_FORGIVEN_IN_MS = 10_000;

const KNOWN = ["connection", "events", "address", "disconnectAfter"];

/**
 * The options with their defaults. Throws a `RangeError` for a number that can't be, a `TypeError` for what is no rate and for a name that nobody
 * knows: what is not limited by mistake is noticed too late.
 */
export function rateLimitSettings(
  options: RateLimitOptions<EventMap> | undefined,
): RateLimitSettings | undefined {
  if (options === undefined) return undefined;
  checkNames("rateLimits", options, KNOWN);
  const { connection, events = {}, address, disconnectAfter = 1000 } = options;
  checkObject("rateLimits.events", events);
  if (!(disconnectAfter >= 1)) refuse("disconnectAfter", "1 or more", disconnectAfter);
  const byName = new Map<string, TokenRate>();
  for (const [name, given] of Object.entries(events)) {
    const rate = rateOf(`events.${name}`, given as EventRateOptions | undefined);
    if (rate !== undefined) byName.set(name, rate);
  }
  return {
    connection: rateOf("connection", connection),
    events: byName,
    address: rateOf("address", address),
    refusals:
      disconnectAfter === Number.POSITIVE_INFINITY
        ? undefined
        : tokenRate((disconnectAfter * 1000) / REFUSALS_FORGIVEN_IN_MS, disconnectAfter),
  };
}

function rateOf(name: string, options: EventRateOptions | undefined): TokenRate | undefined {
  if (options === undefined) return undefined;
  checkNames(`rateLimits.${name}`, options, ["perSecond", "burst"]);
  const { perSecond, burst = Math.max(1, perSecond) } = options;
  // What is divided by must leave a number, too.
  if (!(perSecond > 0) || !Number.isFinite(perSecond) || !Number.isFinite(1000 / perSecond)) {
    refuse(`${name}.perSecond`, "a number of more than 0", perSecond);
  }
  if (!(burst >= 1) || !Number.isFinite(burst)) refuse(`${name}.burst`, "a number, 1 or more", burst);
  return tokenRate(perSecond, burst);
}

function refuse(name: string, what: string, value: unknown): never {
  throw new RangeError(`The option "rateLimits.${name}" must be ${what}, not ${String(value)}.`);
}
