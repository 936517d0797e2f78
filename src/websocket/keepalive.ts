import { type Clock, systemClock, type Timer } from "../shared/clock.ts";
import type { CommonOptions } from "./options.ts";

/** A connection as its keepalive sees it. */
export interface KeptAlive {
  /** Whether the application reads nothing at the moment: then its silence says nothing about the peer. */
  readonly isPaused: boolean;
  /** Whether anything came since this was asked the last time. */
  takeHasRead(): boolean;
  ping(): void;
  /** Nothing came for `quietMs` although it was pinged. */
  giveUp(quietMs: number): void;
}

/** How connections are kept alive. */
export interface KeepaliveOptions {
  /** After how much silence a connection is pinged. */
  readonly pingIntervalMs: number;
  /** How much longer it may then be silent. */
  readonly pingTimeoutMs: number;
  readonly clock: Clock;
}

interface Watch {
  lastReadMs: number;
  /** When it was pinged in this silence, if it was. */
  pingedMs: number | undefined;
}

/** Scans this often in the shorter of the two times, which is how exactly they are kept. */
const SCANS_PER_PERIOD = 4;
const SHORTEST_SCAN_MS = 5;

/** Pings connections that are silent and gives up on dead ones: one timer for all of them. */
export class Keepalive {
  readonly #options: KeepaliveOptions;
  readonly #watched = new Map<KeptAlive, Watch>();
  #timer: Timer | undefined;

  constructor(options: KeepaliveOptions) {
    this.#options = options;
  }

  /** Begins to watch a connection. */
  add(connection: KeptAlive): void {
    this.#watched.set(connection, { lastReadMs: this.#options.clock.now(), pingedMs: undefined });
    if (this.#timer === undefined) this.#schedule();
  }

  /** Ceases to; with the last connection the timer stops. */
  remove(connection: KeptAlive): void {
    this.#watched.delete(connection);
    if (this.#watched.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #schedule(): void {
    const { pingIntervalMs, pingTimeoutMs, clock } = this.#options;
    const periodMs = Math.min(pingIntervalMs, pingTimeoutMs) / SCANS_PER_PERIOD;
    this.#timer = clock.setTimeout(
      () => {
        this.#timer = undefined;
        this.#scan();
        if (this.#watched.size > 0) this.#schedule();
      },
      Math.max(SHORTEST_SCAN_MS, periodMs),
    );
  }

  #scan(): void {
    const { pingIntervalMs, pingTimeoutMs, clock } = this.#options;
    const now = clock.now();
    for (const [connection, watch] of this.#watched) {
      if (connection.takeHasRead() || connection.isPaused) {
        watch.lastReadMs = now;
        watch.pingedMs = undefined;
        continue;
      }
      const quietMs = now - watch.lastReadMs;
      // A process that was stopped for long must ping before it gives up.
      if (watch.pingedMs !== undefined) {
        if (now - watch.pingedMs >= pingTimeoutMs) connection.giveUp(quietMs);
      } else if (quietMs >= pingIntervalMs) {
        watch.pingedMs = now;
        connection.ping();
      }
    }
  }
}

/** The keepalive that a server's or a client's options ask for; undefined if they ask for none. */
export function keepaliveFor(options: CommonOptions): Keepalive | undefined {
  const { pingInterval = 0, pingTimeout = pingInterval, clock = systemClock } = options;
  if (pingInterval <= 0) return undefined;
  return new Keepalive({ pingIntervalMs: pingInterval, pingTimeoutMs: pingTimeout, clock });
}
