import type { Clock, Timer } from "../shared/clock.ts";
import { checkNames } from "../shared/known-names.ts";
import type { Random } from "../shared/random.ts";
import { MAX_TIMER_MS } from "./options.ts";
import type { SessionCloseReason } from "./session-contract.ts";

/** How a server is emptied before it goes. Times are in milliseconds. */
export interface DrainOptions {
  /** Over how long clients are asked to leave: evenly, in random order. 0: all at once. Default 10,000. */
  overMs?: number;
  /** When it is over, counted from the call, whoever is still there: these are closed as by `close`. Default: `overMs` and 10,000 more. */
  timeoutMs?: number;
  /**
   * How long clients that can be told stay away. 0, the default: another server takes them already. Where the next one can only listen when this one
   * has gone: `overMs`, and what a restart takes.
   */
  returnAfterMs?: number;
}

/** The options with their defaults. */
export interface DrainSettings {
  readonly overMs: number;
  readonly timeoutMs: number;
  readonly returnAfterMs: number;
}

/** A session, as far as leaving goes. */
export interface Leaver {
  readonly isOpen: boolean;
  readonly bufferedBytes: number;
  /** Asks the client to end the session, and to come back so many milliseconds later; false if it would not understand. */
  askToLeave(returnAfterMs: number): boolean;
  close(reason: SessionCloseReason): void;
}

const OVER_MS = 10_000;
const GRACE_MS = 10_000;
/** How often it is looked who is to leave, and who has left: those of one look are a batch. */
const LOOK_MS = 50;
/** How long a client that was asked may take to leave, once it has taken all that was sent. */
const LEAVING_MS = 2000;

/** Throws a `RangeError` for an option that can't be, a `TypeError` for one that there is not. */
export function drainSettings(options: DrainOptions): DrainSettings {
  checkNames("drain", options, ["overMs", "timeoutMs", "returnAfterMs"]);
  const overMs = time("overMs", options.overMs ?? OVER_MS, 0);
  return {
    overMs,
    timeoutMs: time("timeoutMs", options.timeoutMs ?? Math.min(overMs + GRACE_MS, MAX_TIMER_MS), overMs),
    returnAfterMs: time("returnAfterMs", options.returnAfterMs ?? 0, 0),
  };
}

function time(name: string, value: number, least: number): number {
  if (Number.isFinite(value) && value >= least && value <= MAX_TIMER_MS) return value;
  throw new RangeError(`The option "${name}" must be from ${least} to ${MAX_TIMER_MS} ms, not ${value}.`);
}

/** Empties a server: its sessions end one after the other, each when its client has taken what it was sent. */
export class Drain {
  readonly #settings: DrainSettings;
  readonly #clock: Clock;
  readonly #startMs: number;
  readonly #count: number;
  /** Who is still to be asked; the last one is next. */
  readonly #staying: Leaver[];
  /** Those whose turn has come, and since when nothing waits for them any more. */
  readonly #leaving = new Map<Leaver, { isAsked: boolean; idleMs: number | undefined }>();
  readonly #onDone: () => void;
  #timer: Timer | undefined;

  /** Begins; `onDone` is called once, when all have left, the time is over, or it was stopped. Not in this turn. */
  constructor(
    sessions: Iterable<Leaver>,
    settings: DrainSettings,
    clock: Clock,
    random: Pick<Random, "fraction">,
    onDone: () => void,
  ) {
    this.#settings = settings;
    this.#clock = clock;
    this.#onDone = onDone;
    this.#staying = shuffled([...sessions], random);
    this.#count = this.#staying.length;
    this.#startMs = clock.now();
    this.#wait(0);
  }

  /** For how long a session's client was asked to leave; undefined if it was not. */
  awayMsOf(session: Leaver): number | undefined {
    return this.#leaving.get(session)?.isAsked === true ? this.#settings.returnAfterMs : undefined;
  }

  /** Leaves the rest as it is. */
  stop(): void {
    if (this.#timer === undefined) return;
    this.#timer.cancel();
    this.#timer = undefined;
    this.#onDone();
  }

  #wait(ms: number): void {
    this.#timer = this.#clock.setTimeout(() => this.#look(), ms);
  }

  #look(): void {
    const { overMs, timeoutMs } = this.#settings;
    const elapsedMs = this.#clock.now() - this.#startMs;
    const left = elapsedMs >= overMs ? 0 : Math.floor(this.#count * (1 - elapsedMs / overMs));
    while (this.#staying.length > left) this.#ask(this.#staying.pop()!);
    for (const session of this.#leaving.keys()) this.#follow(session);
    // Those who have left by themselves need not be waited for.
    while (this.#staying.at(-1)?.isOpen === false) this.#staying.pop();
    const isEmpty = this.#staying.length === 0 && this.#leaving.size === 0;
    if (isEmpty || elapsedMs >= timeoutMs) this.stop();
    else this.#wait(Math.min(LOOK_MS, timeoutMs - elapsedMs));
  }

  #ask(session: Leaver): void {
    if (!session.isOpen) return;
    const isAsked = session.askToLeave(this.#settings.returnAfterMs);
    this.#leaving.set(session, { isAsked, idleMs: undefined });
  }

  #follow(session: Leaver): void {
    if (!session.isOpen) {
      this.#leaving.delete(session);
      return;
    }
    const state = this.#leaving.get(session)!;
    if (session.bufferedBytes > 0) return;
    const now = this.#clock.now();
    state.idleMs ??= now;
    if (state.isAsked && now - state.idleMs < LEAVING_MS) return;
    this.#leaving.delete(session);
    session.close("server shutting down");
  }
}

/** In random order, in place. */
function shuffled<Item>(items: Item[], random: Pick<Random, "fraction">): Item[] {
  for (let last = items.length - 1; last > 0; last--) {
    const chosen = Math.floor(random.fraction() * (last + 1));
    [items[last], items[chosen]] = [items[chosen]!, items[last]!];
  }
  return items;
}
