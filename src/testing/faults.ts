import type { CutKind, Direction } from "./line-conditions.ts";

/** A fault of the network between one client and the server: it begins, and is over after `forMs` milliseconds. */
export type NetworkFault =
  /** All lines are cut, and new ones refused until it is over. */
  | { readonly kind: "cut"; readonly how: CutKind; readonly forMs: number }
  /** Nothing passes. */
  | { readonly kind: "black-hole"; readonly direction: Direction | "both"; readonly forMs: number }
  | { readonly kind: "delay"; readonly delayMs: number; readonly jitterMs: number; readonly forMs: number }
  | { readonly kind: "throttle"; readonly bytesPerSecond: number; readonly forMs: number }
  /** One direction of all lines ends; `forMs` says only when the next fault may come. */
  | { readonly kind: "half-close"; readonly direction: Direction; readonly forMs: number }
  /** New lines are refused, old ones go on. */
  | { readonly kind: "refuse"; readonly forMs: number };

/** The server is ended by a signal, and starts again after `forMs` milliseconds. */
export interface ServerFault {
  readonly kind: "restart";
  readonly signal: "SIGTERM" | "SIGKILL";
  readonly forMs: number;
}

/** Anything that can go wrong. */
export type Fault = NetworkFault | ServerFault;

/** A fault, and when and where it comes. */
export type ScheduledFault = {
  /** Milliseconds from the start. */
  readonly atMs: number;
  /** Which client's network, counted from 0, or the server. */
  readonly target: number | "server";
} & Fault;

/** What goes wrong and when, by time: plain data, so that a run can be repeated, and cut down to what is needed to see it fail. */
export type FaultSchedule = readonly ScheduledFault[];
