import type { Clock, Timer } from "switchboard";
import type { ChaosProxy } from "./chaos-proxy.ts";
import type { FaultSchedule, NetworkFault, ScheduledFault, ServerFault } from "./faults.ts";
import type { Direction, LineConditions } from "./line-conditions.ts";
import { machineClock } from "./machine-clock.ts";

/** Where faults are played. */
export interface FaultStage {
  /** The network of a client; faults of clients without one are left out. */
  proxy(target: number): ChaosProxy | undefined;
  /** Ends the server by the signal, and starts it again after a while. Without it, faults of the server are left out. */
  restart?(fault: ServerFault): void;
  /** Told of each fault as it begins, and of those of the network as they are over. */
  onFault?(fault: ScheduledFault, isOver: boolean): void;
}

/**
 * Plays a schedule: has each fault begin at its time and lifts those of the network when they are over. Faults of one client may overlap.
 *
 * @example
 * const player = new FaultPlayer(schedule, { proxy: (index) => proxies[index] });
 * player.start();
 * // … when the run is over, or earlier:
 * player.stop(); // every network is good again
 */
export class FaultPlayer {
  readonly #schedule: FaultSchedule;
  readonly #stage: FaultStage;
  readonly #clock: Clock;
  /** The faults of each client's network that are not over. */
  readonly #active = new Map<number, Set<ScheduledFault & NetworkFault>>();
  readonly #lifts = new Set<Timer>();
  #timer: Timer | undefined;
  #startedMs = 0;
  #at = 0;

  constructor(schedule: FaultSchedule, stage: FaultStage, clock: Clock = machineClock) {
    this.#schedule = schedule.toSorted((one, other) => one.atMs - other.atMs);
    this.#stage = stage;
    this.#clock = clock;
  }

  /** From now on the times of the schedule count. */
  start(): void {
    this.#startedMs = this.#clock.now();
    this.#run();
  }

  /** Nothing more comes, and every network is good again. May be called at any time. */
  stop(): void {
    this.#timer?.cancel();
    for (const timer of this.#lifts) timer.cancel();
    this.#lifts.clear();
    this.#at = this.#schedule.length;
    for (const [target, faults] of this.#active) {
      faults.clear();
      this.#apply(target);
    }
  }

  #run(): void {
    for (;;) {
      const fault = this.#schedule[this.#at];
      if (fault === undefined) return;
      const waitMs = this.#startedMs + fault.atMs - this.#clock.now();
      if (waitMs > 0) {
        this.#timer = this.#clock.setTimeout(() => this.#run(), waitMs);
        return;
      }
      this.#at += 1;
      this.#stage.onFault?.(fault, false);
      if (fault.kind === "restart") this.#stage.restart?.(fault);
      else this.#begin(fault);
    }
  }

  #begin(fault: ScheduledFault & NetworkFault): void {
    const target = Number(fault.target);
    const proxy = this.#stage.proxy(target);
    if (proxy === undefined) return;
    let faults = this.#active.get(target);
    if (faults === undefined) {
      faults = new Set();
      this.#active.set(target, faults);
    }
    faults.add(fault);
    this.#apply(target);
    if (fault.kind === "cut") proxy.cut(fault.how);
    if (fault.kind === "half-close") for (const line of proxy.lines) line.halfClose(fault.direction);
    const timer = this.#clock.setTimeout(() => {
      this.#lifts.delete(timer);
      faults.delete(fault);
      this.#apply(target);
      this.#stage.onFault?.(fault, true);
    }, fault.forMs);
    this.#lifts.add(timer);
  }

  #apply(target: number): void {
    const proxy = this.#stage.proxy(target);
    if (proxy === undefined) return;
    const faults = [...(this.#active.get(target) ?? [])];
    proxy.isRefusing = faults.some(({ kind }) => kind === "cut" || kind === "refuse");
    proxy.shape(faults.reduce(worse, {}));
  }
}

/** Conditions with one more fault: the worse of both counts. */
function worse(conditions: LineConditions, fault: NetworkFault): LineConditions {
  switch (fault.kind) {
    case "black-hole":
      return { ...conditions, blackHole: both(conditions.blackHole, fault.direction) };
    case "delay":
      return {
        ...conditions,
        delayMs: Math.max(conditions.delayMs ?? 0, fault.delayMs),
        jitterMs: Math.max(conditions.jitterMs ?? 0, fault.jitterMs),
      };
    case "throttle": {
      const { bytesPerSecond = Number.POSITIVE_INFINITY } = conditions;
      return { ...conditions, bytesPerSecond: Math.min(bytesPerSecond, fault.bytesPerSecond) };
    }
    default:
      return conditions;
  }
}

type Hole = Direction | "both";

function both(one: Hole | undefined, other: Hole): Hole {
  return one === undefined || one === other ? other : "both";
}
