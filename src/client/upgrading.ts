import type { Timer } from "../shared/clock.ts";
import type { TransportPlan } from "./plan.ts";
import { Probe, type ProbeContext } from "./probe.ts";
import type { Transport, TransportKind } from "./transport.ts";

/** The pause before WebSocket is tried again; it doubles with each try. */
export const UPGRADE_PAUSE_MS = 10_000;
/** The bound on this pause. */
export const UPGRADE_PAUSE_MAX_MS = 300_000;

/** What it is made with. */
export interface UpgradingContext extends ProbeContext {
  readonly plan: TransportPlan;
}

/** What the search for a better transport needs of the session. */
export interface UpgradingHost {
  /** A WebSocket came through. If it is lost before it was taken over, {@link onUpgradeLost} is called. */
  onUpgradable(transport: Transport): void;
  onUpgradeLost(): void;
  /** WebSocket does not come through: event streams are the next best. */
  tryStream(): void;
}

/** Looks for a better transport than the one that a session is on: WebSocket again and again, an event stream meanwhile. */
export class Upgrading {
  readonly #host: UpgradingHost;
  readonly #context: UpgradingContext;
  #pauseMs = UPGRADE_PAUSE_MS;
  #timer: Timer | undefined;
  #probe: Probe | undefined;

  constructor(host: UpgradingHost, context: UpgradingContext) {
    this.#host = host;
    this.#context = context;
  }

  /** The session is on this kind of transport now. `isHopeful`: nothing says yet that WebSocket would fail. */
  review(kind: TransportKind, isHopeful: boolean): void {
    if (kind === "websocket") return this.stop();
    const { facts, plan } = this.#context;
    const maySocket = plan.mayMoveTo("websocket") && facts.upgrades.includes("websocket");
    if (maySocket && this.#timer === undefined && this.#probe === undefined) {
      if (isHopeful) return this.#try(kind);
      this.#wait(kind);
    }
    this.#tryStream(kind);
  }

  /** The search is over. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#probe?.cancel();
    this.#probe = undefined;
  }

  #tryStream(kind: TransportKind): void {
    const { facts, plan } = this.#context;
    if (kind === "polling" && !facts.isSseBad && plan.mayMoveTo("sse")) this.#host.tryStream();
  }

  #wait(kind: TransportKind): void {
    this.#timer = this.#context.platform.clock.setTimeout(() => this.#try(kind), this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, UPGRADE_PAUSE_MAX_MS);
  }

  #try(kind: TransportKind): void {
    this.#timer = undefined;
    this.#probe = new Probe(this.#context, (transport) => {
      if (transport !== undefined) return this.#host.onUpgradable(transport);
      this.#probe = undefined;
      this.#host.onUpgradeLost();
      this.#wait(kind);
      this.#tryStream(kind);
    });
  }
}
