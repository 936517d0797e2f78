import { Emitter } from "../shared/emitter.ts";
import type { ManagerEvents } from "./manager-events.ts";
import type { ManagerOptions } from "./options.ts";

type Setting =
  | "reconnection"
  | "reconnectionAttempts"
  | "reconnectionDelay"
  | "reconnectionDelayMax"
  | "randomizationFactor"
  | "timeout";

const DEFAULTS = {
  reconnection: true,
  reconnectionAttempts: Number.POSITIVE_INFINITY,
  reconnectionDelay: 1000,
  reconnectionDelayMax: 5000,
  randomizationFactor: 1,
  timeout: 20_000,
} as const satisfies Required<Pick<ManagerOptions, Setting>>;

/**
 * The options of a manager that can be asked for, and changed while it is in use: called without a value each of these methods returns
 * it, with one it sets it and returns the manager. What is changed counts from the next attempt to connect.
 *
 * @example
 * manager.reconnectionDelay(500).reconnectionDelayMax(10_000);
 * manager.timeout(); // 20000
 */
export abstract class ManagerSettings extends Emitter<ManagerEvents> {
  /** The options as they are now: a copy of those given. Changes count from the next attempt to connect. */
  readonly opts: ManagerOptions;

  constructor(options: ManagerOptions) {
    super();
    this.opts = { ...options };
  }

  /** Whether to come back after the connection was lost, or could not be made. */
  reconnection(): boolean;
  reconnection(value: boolean): this;
  reconnection(value?: boolean): unknown {
    return this.#setting("reconnection", value);
  }

  /** How many attempts to make in a row. */
  reconnectionAttempts(): number;
  reconnectionAttempts(value: number): this;
  reconnectionAttempts(value?: number): unknown {
    return this.#setting("reconnectionAttempts", value);
  }

  /** The longest first delay, in milliseconds; it doubles with each attempt. */
  reconnectionDelay(): number;
  reconnectionDelay(value: number): this;
  reconnectionDelay(value?: number): unknown {
    return this.#setting("reconnectionDelay", value);
  }

  /** The bound on the delay, in milliseconds. */
  reconnectionDelayMax(): number;
  reconnectionDelayMax(value: number): this;
  reconnectionDelayMax(value?: number): unknown {
    return this.#setting("reconnectionDelayMax", value);
  }

  /** The part of a delay that is left to chance, from 0 to 1. */
  randomizationFactor(): number;
  randomizationFactor(value: number): this;
  randomizationFactor(value?: number): unknown {
    return this.#setting("randomizationFactor", value);
  }

  /** How long the server may take over the handshake, in milliseconds; false for as long as it likes. */
  timeout(): number | false;
  timeout(value: number | false): this;
  timeout(value?: number | false): unknown {
    return this.#setting("timeout", value);
  }

  #setting<Name extends Setting>(name: Name, value: ManagerOptions[Name] | undefined): unknown {
    if (value === undefined) return this.opts[name] ?? DEFAULTS[name];
    this.opts[name] = value;
    return this;
  }
}
