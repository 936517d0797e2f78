import { networkOf } from "../../shared/network.ts";
import type { RateLimitName } from "./rate-limited.ts";
import type { RateLimits } from "./rate-limits.ts";
import { type EventCounter, SocketLimiter } from "./socket-limiter.ts";
import { TokenBucket } from "./token-bucket.ts";

/** Counts what one session sends, and what of it was refused. */
export class SessionLimiter implements EventCounter {
  readonly #limits: RateLimits;
  readonly #network: string;
  readonly #connection: TokenBucket | undefined;
  readonly #refusals: TokenBucket | undefined;
  /** By namespace. They stay when the client leaves it, or it would have another burst by joining again. */
  readonly #sockets = new Map<string, SocketLimiter>();
  #isFlooding = false;
  #lastLimit: RateLimitName = "connection";

  constructor(limits: RateLimits, address: string) {
    const { connection, refusals } = limits.settings;
    this.#limits = limits;
    this.#network = limits.addresses === undefined ? "" : networkOf(address);
    this.#connection = connection && new TokenBucket(connection);
    this.#refusals = refusals && new TokenBucket(refusals);
  }

  /** Whether the client went on for too long although it was refused. */
  get isFlooding(): boolean {
    return this.#isFlooding;
  }

  get lastLimit(): RateLimitName {
    return this.#lastLimit;
  }

  /** Counts the events of a namespace. */
  socketOf(namespace: string): SocketLimiter {
    const known = this.#sockets.get(namespace);
    if (known !== undefined) return known;
    const { settings, clock, maxNamespaces } = this.#limits;
    const socket = new SocketLimiter(this, settings.events, clock);
    this.#sockets.set(namespace, socket);
    // It is in at most so many: the first of these was most likely left long ago.
    if (this.#sockets.size > 2 * maxNamespaces) this.#sockets.delete([...this.#sockets.keys()][0]!);
    return socket;
  }

  /** Counts that it wants to join a namespace: 0 if it may, else after how many milliseconds it may. */
  takeJoin(): number {
    const now = this.#limits.clock.now();
    const retryAfterMs = this.#connection?.waitMs(now) ?? 0;
    if (retryAfterMs > 0) this.#refuse("connection", now);
    else this.#connection?.take(now);
    return retryAfterMs;
  }

  take(named: TokenBucket | undefined): number {
    const now = this.#limits.clock.now();
    const address = this.#limits.addresses?.bucketOf(this.#network, now);
    const namedMs = named?.waitMs(now) ?? 0;
    const connectionMs = this.#connection?.waitMs(now) ?? 0;
    const retryAfterMs = Math.max(namedMs, connectionMs, address?.waitMs(now) ?? 0);
    if (retryAfterMs === 0) {
      named?.take(now);
      this.#connection?.take(now);
      address?.take(now);
    } else if (retryAfterMs === namedMs) this.#refuse("event", now);
    else this.#refuse(retryAfterMs === connectionMs ? "connection" : "address", now);
    return retryAfterMs;
  }

  #refuse(limit: RateLimitName, now: number): void {
    this.#lastLimit = limit;
    if (this.#refusals === undefined || this.#isFlooding) return;
    this.#refusals.take(now);
    this.#isFlooding = this.#refusals.waitMs(now) > 0;
  }
}
