import { OpenPayloads } from "./open-payload.ts";
import type { Timer } from "../shared/clock.ts";
import { type Departing, Departure } from "./departure.ts";
import { Drain, type DrainSettings } from "./drain.ts";
import { type Session, type SessionOptions, type SessionOwner, type SessionRequest } from "./session.ts";
import { TransportSession } from "./session.ts";
import type { Exchange } from "./exchange.ts";
import { MAX_TIMER_MS } from "./options.ts";
import type { RequestTransport, Transport, TransportCloseReason } from "./transport.ts";
import { TotalBacklog } from "./total-backlog.ts";
import { PollingTransport } from "./transports/polling.ts";
import type { RequestTransportOptions } from "./transports/request-based.ts";
import { SseTransport } from "./transports/sse.ts";

export type { SessionOptions } from "./session.ts";

/** What a session begins with. */
export interface OpenRequest {
  readonly id: string;
  readonly request: SessionRequest;
  /** Whether the client asked for a link. */
  readonly link: boolean;
  /** The transports that the client is told it may upgrade to. */
  readonly upgrades: readonly "websocket"[];
}

/** All sessions of a server, by id, over whatever transports they come. */
export class Sessions implements SessionOwner, Departing {
  readonly options: SessionOptions;
  readonly #onSession: (session: Session) => void;
  readonly #onHandlerError: (error: unknown) => void;
  readonly #openPayloads: OpenPayloads;
  /** Sessions that have ended live on here until their transport is gone. */
  readonly #sessions = new Map<string, TransportSession>();
  /** Transports that have no session any more, and are not gone yet. */
  readonly #departing = new Set<Transport>();
  /** Requests that outlive their transport, each with the end of its time. */
  readonly #remains = new Map<Exchange, Timer>();
  readonly #backlog: TotalBacklog;
  #size = 0;
  #closed = false;
  #shutdownTimer: Timer | undefined;
  #drain: Drain | undefined;
  #whenEmpty: (() => void)[] = [];

  /** `onSession` gets each new session, and must set its handler in the same turn; `onHandlerError` what handlers throw. */
  constructor(
    options: SessionOptions,
    onSession: (session: Session) => void,
    onHandlerError: (error: unknown) => void,
  ) {
    this.options = options;
    this.#onSession = onSession;
    this.#onHandlerError = onHandlerError;
    this.#openPayloads = new OpenPayloads(options);
    this.#backlog = new TotalBacklog(options.clock, options.maxTotalBufferedBytes);
  }

  /** How many sessions are open. */
  get size(): number {
    return this.#size;
  }

  /**
   * The session that requests with this id are for: an open one, or one that a polling client has still to
   * be told the end of.
   */
  get(id: string): TransportSession | undefined {
    const session = this.#sessions.get(id);
    return session?.isKnown === true ? session : undefined;
  }

  /** The sessions that are open. */
  *values(): Generator<TransportSession, void, undefined> {
    for (const session of this.#sessions.values()) if (session.isOpen) yield session;
  }

  /**
   * Begins a session on a transport that has just been established. The open packet is the first that is
   * sent.
   */
  open(transport: Transport, { id, request, link, upgrades }: OpenRequest): TransportSession {
    const session = new TransportSession(id, request, transport, this, link);
    this.#sessions.set(id, session);
    this.#size += 1;
    session.start(this.#openPayloads.of(id, upgrades, link), this.#onSession);
    return session;
  }

  /** Ends the sessions that there are one after the other. Resolves when they have left or the time is over, or when all are closed. */
  drain(settings: DrainSettings): Promise<void> {
    const { clock, random } = this.options;
    return new Promise((resolve) => {
      this.#drain = new Drain(this.values(), settings, clock, random, resolve);
    });
  }

  /**
   * Ends every session: clients are told that the server goes away (1001), and those that have not left after
   * `shutdownTimeoutMs` are cut off. Resolves when all are gone.
   */
  close(): Promise<void> {
    this.#closed = true;
    this.#drain?.stop();
    for (const session of [...this.values()]) session.close("server shutting down");
    if (this.#isEmpty) return Promise.resolve();
    this.#shutdownTimer ??= this.options.clock.setTimeout(() => {
      for (const session of [...this.#sessions.values()]) session.destroy();
      for (const transport of [...this.#departing]) transport.destroy();
      for (const exchange of [...this.#remains.keys()]) this.#bury(exchange);
    }, this.options.shutdownTimeoutMs);
    return new Promise((resolve) => this.#whenEmpty.push(resolve));
  }

  createTransport(name: "polling" | "sse", isLink: boolean): RequestTransport {
    const { clock, maxBufferedBytes, overflow, closeGraceMs, pingIntervalMs, pingTimeoutMs } = this.options;
    const options: RequestTransportOptions = {
      link: isLink,
      clock,
      maxBufferedBytes,
      overflow,
      closeGraceMs,
      maxHoldMs: Math.min(pingIntervalMs + pingTimeoutMs, MAX_TIMER_MS),
      onRemains: this.#onRemains,
    };
    return name === "polling" ? new PollingTransport(options) : new SseTransport(options);
  }

  dismiss(transport: Transport, reason: TransportCloseReason): void {
    this.#departing.add(transport);
    transport.redirect(new Departure(transport, this));
    // A link has left it: what waits there, because the client does not read it, comes again on the next one.
    if (transport.name === "websocket" && reason === "released" && transport.bufferedBytes > 0) {
      transport.destroy();
    } else transport.close(reason);
  }

  turnAway(transport: Transport): void {
    this.#departing.add(transport);
    transport.start(new Departure(transport, this));
    transport.close("normal");
  }

  onDeparted(transport: Transport): void {
    this.#departing.delete(transport);
    this.#checkEmpty();
  }

  onHandlerError(error: unknown): void {
    this.#onHandlerError(error);
  }

  awayMsOf(session: TransportSession): number | undefined {
    return this.#drain?.awayMsOf(session);
  }

  onMuchSent(session: TransportSession, bytes: number): void {
    this.#backlog.note(session, bytes);
  }

  onSessionEnd(): void {
    this.#size -= 1;
  }

  onSessionGone(session: TransportSession): void {
    this.#sessions.delete(session.id);
    this.#backlog.forget(session);
    this.#checkEmpty();
  }

  get #isEmpty(): boolean {
    return this.#sessions.size === 0 && this.#departing.size === 0 && this.#remains.size === 0;
  }

  readonly #onRemains = (exchange: Exchange): void => {
    if (exchange.isOver || this.#remains.has(exchange)) return;
    const { clock, closeGraceMs } = this.options;
    this.#remains.set(
      exchange,
      clock.setTimeout(() => this.#bury(exchange), closeGraceMs),
    );
    exchange.onOver = () => this.#forget(exchange);
  };

  #bury(exchange: Exchange): void {
    exchange.onOver = undefined;
    exchange.destroy();
    this.#forget(exchange);
  }

  #forget(exchange: Exchange): void {
    this.#remains.get(exchange)?.cancel();
    this.#remains.delete(exchange);
    this.#checkEmpty();
  }

  #checkEmpty(): void {
    if (!this.#closed || !this.#isEmpty) return;
    this.#shutdownTimer?.cancel();
    const waiting = this.#whenEmpty;
    this.#whenEmpty = [];
    for (const resolve of waiting) resolve();
  }
}
