import type { Timer } from "../shared/clock.ts";
import { Backoff } from "./backoff.ts";
import type { SessionPlatform } from "./platform.ts";
import type { TransportPlan } from "./plan.ts";
import { Probe } from "./probe.ts";
import type { LineEvents } from "./session.ts";
import type { SessionFacts } from "./session-facts.ts";
import type { Transport, TransportKind } from "./transport.ts";
import type { OpenTransport } from "./transports/open.ts";

/** The longest first pause between two attempts to go on; it doubles with each. */
export const REJOIN_PAUSE_MS = 500;
/** The bound on these pauses. */
export const REJOIN_PAUSE_MAX_MS = 5000;
/** A transport that has lived so long is replaced at once when it is lost; a shorter-lived one counts as a failed attempt. */
export const STABLE_MS = 1000;

/** What finding a new transport needs of the session. */
export interface RejoiningHost {
  /** Lets go of the transport, if there is one. */
  detach(): void;
  /** Opens a transport that lives on requests, as the next move. */
  moveBy(kind: TransportKind): void;
  /** Takes over a WebSocket that came through, as the next move. */
  moveTo(transport: Transport): void;
  /** The session has a transport again; `wasInterrupted`: after `onInterrupted`. */
  onJoined(wasInterrupted: boolean): void;
}

/** What it is made with. */
export interface RejoiningContext {
  readonly facts: SessionFacts;
  readonly platform: SessionPlatform;
  readonly plan: TransportPlan;
  readonly openTransport: OpenTransport;
  /** How long an attempt may take, in milliseconds. */
  readonly probeTimeoutMs: number;
  /** The same for the first event of a stream. */
  readonly firstEventMs: number;
}

/** Keeps a link on a transport: finds the next one when it was lost, and makes planned moves. */
export class Rejoining {
  readonly #host: RejoiningHost;
  readonly #events: LineEvents;
  readonly #context: RejoiningContext;
  readonly #backoff: Backoff;
  #attempts = 0;
  #kind: TransportKind = "polling";
  #joinedAt: number | undefined;
  #isInterrupted = false;
  #timer: Timer | undefined;
  #probe: Probe | undefined;

  constructor(host: RejoiningHost, context: RejoiningContext, events: LineEvents) {
    const { clock, random } = context.platform;
    this.#host = host;
    this.#events = events;
    this.#context = context;
    this.#backoff = new Backoff(REJOIN_PAUSE_MS, REJOIN_PAUSE_MAX_MS, random);
    this.#joinedAt = clock.now();
  }

  /** Whether the transport is known to work. */
  get isJoined(): boolean {
    return this.#joinedAt !== undefined;
  }

  /** The transport was lost, or is to be renewed: at once by `kind`, then by what is left. */
  begin(kind: TransportKind): void {
    const { platform, facts } = this.#context;
    if (this.#joinedAt !== undefined && platform.clock.now() - this.#joinedAt >= STABLE_MS) this.#restart();
    // A stream that does not live long is worse than none.
    else if (this.#kind === "sse") facts.isSseBad = true;
    this.#leave(kind);
  }

  /** Moves now, whatever is under way; if that does not work, by what is left. */
  switchTo(kind: TransportKind): void {
    this.#restart();
    this.#leave(kind);
  }

  /** Moves to a WebSocket that came through. */
  take(transport: Transport): void {
    this.stop();
    this.#kind = "websocket";
    this.#joinedAt = undefined;
    this.#limit(this.#context.probeTimeoutMs);
    this.#host.moveTo(transport);
  }

  /** There is no network: the next attempt comes after a pause. */
  wait(): void {
    this.#attempts = Math.max(this.#attempts, 2);
    this.#leave(this.#kind);
  }

  /** A packet came: the transport works. */
  joined(): void {
    if (this.isJoined) return;
    this.stop();
    this.#joinedAt = this.#context.platform.clock.now();
    const wasInterrupted = this.#isInterrupted;
    this.#isInterrupted = false;
    this.#host.onJoined(wasInterrupted);
  }

  /** Gives up what is under way. */
  stop(): void {
    this.#timer?.cancel();
    this.#probe?.cancel();
    this.#probe = undefined;
  }

  #restart(): void {
    this.#attempts = 0;
    this.#backoff.reset();
  }

  #leave(kind: TransportKind): void {
    this.stop();
    this.#joinedAt = undefined;
    this.#host.detach();
    this.#kind = kind;
    this.#next();
  }

  #next(): void {
    const attempt = this.#attempts++;
    const fallback = this.#context.plan.fallback ?? this.#kind;
    if (!this.#isInterrupted && (attempt > 1 || (attempt === 1 && this.#kind !== "sse"))) {
      this.#isInterrupted = true;
      this.#events.onLinkEvent("interrupted");
    }
    if (attempt === 0) return this.#try(this.#kind);
    if (attempt === 1 && fallback !== this.#kind) return this.#try(fallback);
    const delayMs = this.#backoff.next();
    this.#timer = this.#context.platform.clock.setTimeout(() => this.#try(fallback), delayMs);
    this.#events.onLinkEvent("reconnect_scheduled", this.#backoff.attempts, delayMs);
  }

  #try(kind: TransportKind): void {
    this.#kind = kind;
    if (kind !== "websocket") {
      this.#limit(kind === "sse" ? this.#context.firstEventMs : this.#context.probeTimeoutMs);
      this.#host.moveBy(kind);
      return;
    }
    this.#probe = new Probe(this.#context, (transport) => {
      this.#probe = undefined;
      if (transport === undefined) this.#next();
      else this.take(transport);
    });
  }

  #limit(ms: number): void {
    this.#timer = this.#context.platform.clock.setTimeout(() => this.begin(this.#kind), ms);
  }
}
