import type { Clock, Timer } from "../shared/clock.ts";
import { type Random, randomId } from "../shared/random.ts";
import type { OpenPayload } from "../packets/index.ts";
import { type Session, type SessionRequest, TransportSession } from "./session.ts";
import type { Transport } from "./transport.ts";

/** How sessions behave. */
export interface EngineOptions {
  /** How long after the last pong the next ping is sent. */
  readonly pingIntervalMs: number;
  /** How long a client may take to answer a ping. */
  readonly pingTimeoutMs: number;
  /** The longest message taken from a client, in bytes. */
  readonly maxMessageBytes: number;
  /** The most bytes that may wait for one client; beyond it the session ends. */
  readonly maxBufferedBytes: number;
  /** How long clients may take to say goodbye when the server closes. */
  readonly shutdownTimeoutMs: number;
  readonly clock: Clock;
  readonly random: Random;
}

/** All sessions of one server, over whatever transports they come. */
export class EngineServer {
  readonly options: EngineOptions;
  readonly #onSession: (session: Session) => void;
  readonly #sessions = new Map<string, TransportSession>();
  /** Sessions that have ended live on here until their transport is gone. */
  readonly #transports = new Set<Transport>();
  #closed = false;
  #shutdownTimer: Timer | undefined;
  #whenEmpty: (() => void)[] = [];

  /** `onSession` gets each new session, and must set its handler in the same turn. */
  constructor(options: EngineOptions, onSession: (session: Session) => void) {
    this.options = options;
    this.#onSession = onSession;
  }

  /** How many sessions are open. */
  get sessionCount(): number {
    return this.#sessions.size;
  }

  /** Whether there is an open session of this id. */
  hasSession(id: string): boolean {
    return this.#sessions.has(id);
  }

  /** Begins a session on a transport that has just been established. */
  openSession(transport: Transport, request: SessionRequest): void {
    const { pingIntervalMs, pingTimeoutMs, maxMessageBytes, clock, random } = this.options;
    const id = randomId(random);
    const session = new TransportSession(
      id,
      request,
      transport,
      clock,
      { pingIntervalMs, pingTimeoutMs },
      {
        onSessionEnd: () => this.#sessions.delete(id),
        onTransportGone: () => this.#forget(transport),
      },
    );
    this.#sessions.set(id, session);
    this.#transports.add(transport);
    this.#onSession(session);
    const open: OpenPayload = {
      sid: id,
      upgrades: [],
      pingInterval: pingIntervalMs,
      pingTimeout: pingTimeoutMs,
      maxPayload: maxMessageBytes,
    };
    session.start(JSON.stringify(open));
  }

  /**
   * Ends every session: clients are told that the server goes away (1001), and those that have not left after
   * `shutdownTimeoutMs` are cut off. Resolves when all are gone.
   */
  close(): Promise<void> {
    this.#closed = true;
    for (const session of [...this.#sessions.values()]) session.close("server shutting down");
    if (this.#transports.size === 0) return Promise.resolve();
    this.#shutdownTimer ??= this.options.clock.setTimeout(() => {
      for (const transport of [...this.#transports]) transport.destroy();
    }, this.options.shutdownTimeoutMs);
    return new Promise((resolve) => this.#whenEmpty.push(resolve));
  }

  #forget(transport: Transport): void {
    this.#transports.delete(transport);
    if (!this.#closed || this.#transports.size > 0) return;
    this.#shutdownTimer?.cancel();
    const waiting = this.#whenEmpty;
    this.#whenEmpty = [];
    for (const resolve of waiting) resolve();
  }
}
