import { Hold } from "./hold.ts";
import type { ManagerOptions, TransportName } from "./options.ts";
import { SessionFacts } from "./session-facts.ts";
import type { TransportKind } from "./transport.ts";

const ALL: readonly TransportName[] = ["websocket", "polling", "sse"];

/** What the options and what is remembered make of the ways to connect. */
export class TransportPlan {
  /** How to open, in order; what comes later is tried when the ones before have failed or, in a race, are slow. */
  readonly opening: readonly TransportName[];
  /** Undefined unless it is a race. */
  readonly raceDelayMs: number | undefined;
  /** How to find the way back when nothing else works; undefined where WebSocket is all there is. */
  readonly fallback: TransportKind | undefined;
  readonly #names: readonly TransportName[];
  readonly #upgrades: boolean;

  /** `remembered` is what worked the last time. */
  constructor(options: ManagerOptions, remembered: string | undefined) {
    const { transports, raceDelay = 1000, upgrade, rememberUpgrade, tryAllTransports } = options;
    const names = transports ?? ALL;
    if (names.length === 0) throw new TypeError("The list of transports is empty.");
    for (const name of names) kindOf(name);
    const isRace = transports === undefined;
    const best = isRace || rememberUpgrade === true ? remembered : undefined;
    const ordered = names.toSorted((a, b) => Number(b === best) - Number(a === best));
    this.#names = names;
    this.#upgrades = upgrade !== false;
    this.raceDelayMs = isRace || tryAllTransports === true ? raceDelay : undefined;
    this.opening = ordered.slice(0, isRace ? 2 : tryAllTransports === true ? undefined : 1);
    // Polling comes before event streams, as in the alphabet.
    [this.fallback] = names
      .map(kindOf)
      .filter((kind) => kind !== "websocket")
      .toSorted();
  }

  /** Whether a session may be moved to another kind of transport because it is the better one. */
  mayMoveTo(kind: TransportKind): boolean {
    return this.#upgrades && this.#names.some((name) => kindOf(name) === kind);
  }

  /** A session that is to be opened in one of the ways. A link needs another way than WebSocket to hear that it is over. */
  newSession(name: TransportName): SessionFacts {
    const isShort = name === "short-polling" || !this.#names.includes("polling");
    return new SessionFacts(this.fallback !== undefined, new Hold(isShort ? 0 : undefined));
  }
}

/** What carries the packets. Throws a `TypeError` for an unknown name. */
export function kindOf(name: TransportName): TransportKind {
  if (name === "short-polling") return "polling";
  if (name === "websocket" || name === "polling" || name === "sse") return name;
  throw new TypeError(`"${String(name)}" is not a transport.`);
}
