import {
  admit,
  type AdmissionCallback,
  type AdmissionOptions,
  badId,
  giveId,
  isThenable,
  overload,
} from "./admission.ts";
import type { FindOrigin } from "./client-address.ts";
import { HandshakeRate, type HandshakeRateOptions } from "./handshake-rate.ts";
import { type EngineRequest, refusal, REQUEST_ERRORS, type RequestRefusal } from "./request-check.ts";
import { type AdmissionRate, WaitingRoom } from "./waiting-room.ts";

/** Who asks for a session: a request, or an upgrade. */
export interface Visitor {
  readonly request: EngineRequest;
  /** Whether the client has not left meanwhile. */
  readonly isThere: () => boolean;
  readonly refuse: (refusal: RequestRefusal) => void;
}

/** How many handshakes are let in. */
export interface HandshakeLimits {
  readonly maxSessions: number;
  readonly handshakeRate: HandshakeRateOptions | undefined;
  readonly admission: AdmissionRate | undefined;
  readonly findOrigin: FindOrigin;
}

/** The sessions that there are. */
export interface OpenSessions {
  readonly size: number;
  get(id: string): unknown;
}

/** The client has left meanwhile: nobody hears it but the application. */
export const CLIENT_GONE: RequestRefusal = refusal(REQUEST_ERRORS.badRequest, { name: "CLIENT_GONE" });
const SHUTTING_DOWN = "The server is shutting down.";
const CLOSING = overload(SHUTTING_DOWN, "SERVER_CLOSING");
const FULL = overload("The server has as many sessions as it takes.", "MAX_SESSIONS");
/** Those who are refused by a server that is draining, or busy, come again at random moments of so many milliseconds. */
const COME_AGAIN_OVER_MS = 5000;

/** Lets handshakes in, or not: what the server can take comes first, then the application is asked. */
export class Handshakes {
  readonly #maxSessions: number;
  readonly #rate: HandshakeRate | undefined;
  readonly #waitingRoom: WaitingRoom | undefined;
  readonly #findOrigin: FindOrigin;
  readonly #admission: AdmissionOptions;
  readonly #sessions: OpenSessions;
  /** Handshakes that are being decided about. */
  readonly #undecided = new Set<{ decide?: AdmissionCallback }>();
  #isClosed = false;
  /** Of a server that is draining: how long clients are to stay away at least. */
  #returnAfterMs: number | undefined;

  constructor(
    { maxSessions, handshakeRate, admission: rate, findOrigin }: HandshakeLimits,
    admission: AdmissionOptions,
    sessions: OpenSessions,
  ) {
    this.#maxSessions = maxSessions;
    this.#findOrigin = findOrigin;
    this.#rate = handshakeRate === undefined ? undefined : new HandshakeRate(handshakeRate, admission.clock);
    this.#waitingRoom = rate === undefined ? undefined : new WaitingRoom(rate, admission.clock);
    this.#admission = admission;
    this.#sessions = sessions;
  }

  /** How many wait for their turn. */
  get waiting(): number {
    return this.#waitingRoom?.size ?? 0;
  }

  /** From now on all are refused, also those that are being decided about; each is told when to come again, so many milliseconds later or more. */
  drain(returnAfterMs: number): void {
    this.#returnAfterMs = returnAfterMs;
    this.#refuseUndecided();
  }

  /** From now on all are refused, also those that are being decided about. */
  close(): void {
    this.#isClosed = true;
    this.#refuseUndecided();
  }

  /** Refuses a handshake, or calls `open` with the session's id; one of the two is called, once, in the same turn if nobody needs longer. */
  receive(visitor: Visitor, open: (id: string) => void): void {
    const limit = this.#overLimit(visitor.request);
    if (limit !== undefined) visitor.refuse(limit);
    else if (this.#waitingRoom === undefined || this.#waitingRoom.take()) this.#admit(visitor, open);
    else this.#wait(this.#waitingRoom, visitor, open);
  }

  #wait(room: WaitingRoom, visitor: Visitor, open: (id: string) => void): void {
    const { isThere, refuse } = visitor;
    const onTurn = (): void => {
      const leaving = this.#leaving;
      if (leaving !== undefined) refuse(leaving);
      else if (!isThere()) refuse(CLIENT_GONE);
      else if (this.#isFull) refuse(FULL);
      else this.#admit(visitor, open);
    };
    if (room.wait({ isThere, onTurn })) return;
    const retryAfterMs = room.waitMs + this.#admission.random.fraction() * COME_AGAIN_OVER_MS;
    refuse(overload("The server is busy: too many clients wait already.", "ADMISSION", 503, retryAfterMs));
  }

  #admit(visitor: Visitor, open: (id: string) => void): void {
    const { request } = visitor;
    // Mostly nobody is asked, and the id is there at once.
    const early = this.#admission.allowRequest === undefined ? giveId(request, this.#admission) : undefined;
    if (early !== undefined && !isThenable(early)) {
      this.#decide(early, visitor, open);
      return;
    }
    const visit: { decide?: AdmissionCallback } = {};
    this.#undecided.add(visit);
    const callback: AdmissionCallback = (outcome) => {
      this.#undecided.delete(visit);
      this.#decide(outcome, visitor, open);
    };
    visit.decide = admit(request, this.#admission, callback, early);
  }

  #decide(outcome: string | RequestRefusal, { isThere, refuse }: Visitor, open: (id: string) => void): void {
    if (typeof outcome !== "string") refuse(outcome);
    else if (this.#leaving !== undefined) refuse(this.#leaving);
    else if (this.#sessions.get(outcome) !== undefined) refuse(badId(new Error("The id is taken.")));
    else if (isThere()) open(outcome);
    // The answer reaches nobody, but ends what is left of the connection.
    else refuse(CLIENT_GONE);
  }

  /** Why nobody is let in any more, if so. */
  get #leaving(): RequestRefusal | undefined {
    const awayMs = this.#returnAfterMs;
    if (awayMs === undefined) return this.#isClosed ? CLOSING : undefined;
    const retryAfterMs = awayMs + this.#admission.random.fraction() * COME_AGAIN_OVER_MS;
    return overload(SHUTTING_DOWN, this.#isClosed ? "SERVER_CLOSING" : "SERVER_DRAINING", 503, retryAfterMs);
  }

  #refuseUndecided(): void {
    this.#waitingRoom?.empty();
    for (const { decide } of [...this.#undecided]) decide?.(this.#leaving!);
  }

  #overLimit(request: EngineRequest): RequestRefusal | undefined {
    const leaving = this.#leaving;
    if (leaving !== undefined) return leaving;
    const waitMs = this.#rate?.take(this.#findOrigin(request).address) ?? 0;
    if (waitMs > 0) return overload("Too many handshakes from this address.", "HANDSHAKE_RATE", 429, waitMs);
    return this.#isFull ? FULL : undefined;
  }

  get #isFull(): boolean {
    return this.#sessions.size + this.#undecided.size >= this.#maxSessions;
  }
}
