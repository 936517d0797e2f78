import type { Clock } from "../../shared/clock.ts";
import { Deadlines } from "../../shared/deadlines.ts";

/** The options of a server that say when clients' events are handled. */
export interface HandlerOptions {
  /**
   * `"concurrent"`: an event is handled when it comes, also while the handlers of earlier ones still work. `"in-order"`: the events of a socket one after the
   * other, each when all middleware, schemas and listeners of the one before have settled, also if they fail; what comes meanwhile waits, and when much waits the
   * client does, too. See docs/guide/slow-readers.md. Default `"concurrent"`, as in Socket.IO.
   */
  handlers?: "concurrent" | "in-order";
  /**
   * In order: how many events of one client may wait, in all its namespaces; with so many nothing more is read, until half of them are handled. Sixteen times as many while
   * the client owes an acknowledgement, which may stand behind them. Default 64.
   */
  maxWaitingEvents?: number;
  /** The same in bytes; a character of text counts as one. Default 256 KiB. */
  maxWaitingEventBytes?: number;
  /** In order: how long the handlers of one event may take, in milliseconds; beyond it the connection ends, `handler timeout`. Default 60,000. */
  handlerTimeout?: number;
}

/** The same with their defaults. */
export interface TurnSettings {
  readonly maxEvents: number;
  readonly maxBytes: number;
  readonly handlerTimeoutMs: number;
}

/** What the sockets of a server share whose events are handled in order. */
export interface TurnRules extends TurnSettings {
  /** How long handlers may take. */
  readonly deadlines: Deadlines;
}

/** The longest that a timer can wait, in milliseconds (25 days); a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The options with their defaults; undefined: handlers are concurrent. Throws a `RangeError` for one that can't be. */
export function turnSettings({
  handlers = "concurrent",
  maxWaitingEvents = 64,
  maxWaitingEventBytes = 256 * 1024,
  handlerTimeout = 60_000,
}: { readonly [Name in keyof HandlerOptions]: HandlerOptions[Name] | undefined }): TurnSettings | undefined {
  if (handlers !== "concurrent" && handlers !== "in-order") {
    throw new RangeError(
      `The option "handlers" must be "concurrent" or "in-order", not "${String(handlers)}".`,
    );
  }
  const settings = {
    maxEvents: atLeastOne("maxWaitingEvents", maxWaitingEvents),
    maxBytes: atLeastOne("maxWaitingEventBytes", maxWaitingEventBytes),
    handlerTimeoutMs: atLeastOne("handlerTimeout", handlerTimeout),
  };
  if (handlerTimeout > MAX_TIMER_MS) {
    throw new RangeError(
      `The option "handlerTimeout" must be at most ${MAX_TIMER_MS} ms, not ${handlerTimeout}.`,
    );
  }
  return handlers === "in-order" ? settings : undefined;
}

export function turnRules(settings: TurnSettings, clock: Clock): TurnRules {
  return { ...settings, deadlines: new Deadlines(clock, settings.handlerTimeoutMs) };
}

function atLeastOne(name: string, value: number): number {
  if (value >= 1) return value;
  throw new RangeError(`The option "${name}" must be 1 or more, not ${value}.`);
}
