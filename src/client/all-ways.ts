import { MAX_BUFFERED_BYTES } from "./backlog.ts";
import { Endpoint } from "./endpoint.ts";
import { EngineSession } from "./engine-session.ts";
import { Line } from "./line.ts";
import { Opening } from "./opening.ts";
import type { ManagerOptions } from "./options.ts";
import { TransportPlan } from "./plan.ts";
import type { RequestPlatform } from "./platform.ts";
import { Preference } from "./preference.ts";
import type { LineEvents, SessionsTo } from "./session.ts";
import type { SessionFacts } from "./session-facts.ts";
import type { Transport, TransportKind, TransportSink } from "./transport.ts";
import { transportsTo } from "./transports/open.ts";
import type { OpeningSink, SessionLine, Ways } from "./ways.ts";

/** All transports: a race for the first, moves to better ones, and links that outlive them. */
export class AllWays implements Ways {
  readonly #preference: Preference;
  #plan: TransportPlan | undefined;

  constructor(preference: Preference) {
    this.#preference = preference;
  }

  open(endpoint: Endpoint, options: ManagerOptions, sink: OpeningSink): Opening {
    this.#plan = new TransportPlan(options, this.#preference.transport);
    return new Opening(transportsTo(endpoint), this.#plan, endpoint.platform.clock, sink);
  }

  line(
    endpoint: Endpoint,
    { probeTimeout = 5000, raceDelay = 1000, maxBufferedBytes = MAX_BUFFERED_BYTES }: ManagerOptions,
    facts: SessionFacts,
    transport: Transport,
    sink: TransportSink,
    events: LineEvents,
  ): SessionLine {
    const context = {
      facts,
      platform: endpoint.platform,
      plan: this.#plan!,
      openTransport: transportsTo(endpoint),
      probeTimeoutMs: probeTimeout,
      firstEventMs: raceDelay,
      maxBufferedBytes,
      onWorking: (kind: TransportKind) => this.worked(kind, false),
    };
    return new Line(context, transport, sink, events);
  }

  worked(kind: TransportKind, isSecondChoice: boolean): void {
    if (kind === "websocket" || isSecondChoice) this.#preference.remember(kind);
  }
}

/** Sessions with all of them. */
export const allSessions: SessionsTo<RequestPlatform> = (platform, origin, options) => {
  const ways = new AllWays(new Preference(platform, origin, options));
  return (settings, handler) =>
    new EngineSession(new Endpoint(origin, settings, platform), ways, settings, handler);
};
