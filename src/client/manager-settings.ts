import { BasicEmitter } from "../shared/basic-emitter.ts";
import type { ManagerEvents } from "./manager-events.ts";
import type { ManagerOptions } from "./options.ts";

const DEFAULTS = {
  reconnection: true,
  reconnectionAttempts: Infinity,
  reconnectionDelay: 1000,
  reconnectionDelayMax: 5000,
  randomizationFactor: 1,
  timeout: 20_000,
} as const satisfies ManagerOptions;

/**
 * The options of a manager that can be asked for, and changed while it is in use: called without a value each of these methods returns
 * it, with one it sets it and returns the manager. What is changed counts from the next attempt to connect.
 *
 * @example
 * manager.reconnectionDelay(500).reconnectionDelayMax(10_000);
 * manager.timeout(); // 20000
 */
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging -- the constructor makes the methods, one for each default
export interface ManagerSettings {
  /** Whether to come back after the connection was lost, or could not be made. */
  reconnection(): boolean;
  reconnection(value: boolean): this;

  /** How many attempts to make in a row. */
  reconnectionAttempts(): number;
  reconnectionAttempts(value: number): this;

  /** The longest first delay, in milliseconds; it doubles with each attempt. */
  reconnectionDelay(): number;
  reconnectionDelay(value: number): this;

  /** The bound on the delay, in milliseconds. */
  reconnectionDelayMax(): number;
  reconnectionDelayMax(value: number): this;

  /** The part of a delay that is left to chance, from 0 to 1. */
  randomizationFactor(): number;
  randomizationFactor(value: number): this;

  /** How long the server may take over the handshake, in milliseconds; false for as long as it likes. */
  timeout(): number | false;
  timeout(value: number | false): this;
}

export abstract class ManagerSettings extends BasicEmitter<ManagerEvents> {
  /** The options as they are now: a copy of those given. Changes count from the next attempt to connect. */
  readonly opts: ManagerOptions;

  constructor(options: ManagerOptions) {
    super();
    const opts: Record<string, unknown> = { ...options };
    this.opts = opts;
    for (const [name, byDefault] of Object.entries(DEFAULTS)) {
      const setting = (value?: unknown): unknown => {
        if (value === undefined) return opts[name] ?? byDefault;
        opts[name] = value;
        return this;
      };
      Object.assign(this, { [name]: setting });
    }
  }
}
