import { parseLinkMove } from "../packets/index.ts";
import type { Exchange } from "./exchange.ts";
import { type LinkState, moveOf } from "./link-state.ts";
import { PreparedMessage } from "./prepared-message.ts";
import { Probe, type ProbeHost } from "./probe.ts";
import type { SessionOwner } from "./session-contract.ts";
import type { RequestTransport, Transport, TransportSink } from "./transport.ts";

/** What moves need of their session. */
export interface MovesHost extends TransportSink {
  readonly isOpen: boolean;
  /** Whether what the client sends is read. */
  readonly isReading: boolean;
  readonly link: LinkState | undefined;
  readonly transport: Transport;
  /** Goes on over another transport, and lets the last one go. */
  takeTransport(next: Transport): void;
  /** The client of a link is there; `isNew`: on a WebSocket that it has just moved to, where it waits for its next ping. */
  onClientThere(isNew: boolean): void;
  /** The move is done, to another kind of transport. */
  onMoved(): void;
  /** What the client said of its move may be a breach. */
  failOn(error: unknown): void;
}

/**
 * The ways of a session from one transport to another: Engine.IO's upgrade from polling to WebSocket, and the moves of a link. Made
 * when there is one.
 */
export class Moves implements ProbeHost {
  readonly #session: MovesHost;
  readonly #owner: SessionOwner;
  #probe: Probe | undefined;

  constructor(session: MovesHost, owner: SessionOwner) {
    this.#session = session;
    this.#owner = owner;
  }

  /** Whether a WebSocket is about to become the session's transport. */
  get isUpgrading(): boolean {
    return this.#probe !== undefined;
  }

  /** Takes a WebSocket that carries the session's id. A link takes the newest one for the one that the client means. */
  receiveWebSocket(transport: Transport): void {
    const { isOpen, link, transport: current } = this.#session;
    const mayUpgrade = link !== undefined || (current.name === "polling" && !this.isUpgrading);
    if (!isOpen || !mayUpgrade) {
      this.#owner.turnAway(transport);
      return;
    }
    this.dropProbe();
    const { clock, upgradeTimeoutMs } = this.#owner.options;
    this.#probe = new Probe(transport, this, clock, upgradeTimeoutMs);
    this.#probe.start();
  }

  /** Looks at a request of a link; moves the session if it says so. Returns whether the request is of now. */
  follow(link: LinkState, exchange: Exchange, name: "polling" | "sse"): boolean {
    const session = this.#session;
    const last = session.transport.name;
    const move = moveOf(exchange);
    if (move < link.move || (move === link.move && last !== name)) return false;
    if (move > link.move) {
      const next = this.#owner.createTransport(name, true);
      link.move = move;
      link.owesCount = true;
      session.takeTransport(next);
      next.start(session);
      if (last !== name) session.onMoved();
    }
    session.onClientThere(false);
    return true;
  }

  /** Closes the WebSocket that the client has not moved to, if there is one. */
  dropProbe(): void {
    const probe = this.#probe;
    if (probe === undefined) return;
    probe.stop();
    this.onProbeEnd(probe, false);
  }

  onUpgrade(probe: Probe, data: string): void {
    const { link, transport } = this.#session;
    if (link !== undefined) {
      this.#move(link, probe, data);
      return;
    }
    const polling = transport as RequestTransport;
    let isLate = false;
    polling.whenReceived(() => {
      if (this.#probe !== probe) return;
      this.#upgrade(probe, polling);
      if (isLate && this.#session.isReading) probe.transport.resume();
    });
    if (this.#probe !== probe) return;
    // What the client sent before, in a body that is still coming in, is handed over before what it sends now.
    isLate = true;
    probe.transport.pause();
  }

  get isHeldUp(): boolean {
    return !this.#session.isReading;
  }

  onProbeTick(): void {
    const { link, transport } = this.#session;
    if (link === undefined) (transport as RequestTransport).releaseRequest();
  }

  onProbeEnd(probe: Probe, gone: boolean): void {
    this.#probe = undefined;
    if (!gone) this.#owner.dismiss(probe.transport, "normal");
  }

  /** Leaves polling for good; what waits there goes out on the WebSocket. */
  #upgrade(probe: Probe, polling: RequestTransport): void {
    const waiting = polling.takeWaiting();
    this.#take(probe);
    const { transport } = probe;
    for (const packet of waiting) {
      if (packet instanceof PreparedMessage) transport.sendPrepared(packet);
      else if (typeof packet === "string") transport.sendPacket(packet);
      else transport.sendBinary(packet);
    }
    if (this.#session.isOpen) this.#session.onMoved();
    else transport.close("normal");
  }

  #move(link: LinkState, probe: Probe, data: string): void {
    const session = this.#session;
    try {
      const { move, ack } = parseLinkMove(data);
      if (move <= link.move) {
        this.dropProbe();
        return;
      }
      link.outbox.acknowledge(ack);
      link.move = move;
    } catch (error) {
      session.failOn(error);
      return;
    }
    const last = session.transport.name;
    this.#take(probe);
    link.owesCount = true;
    link.sendAgain(probe.transport);
    session.onClientThere(true);
    // Last: what is sent now is not what is sent again.
    if (last !== "websocket") session.onMoved();
  }

  #take(probe: Probe): void {
    probe.stop();
    this.#probe = undefined;
    this.#session.takeTransport(probe.transport);
    probe.transport.redirect(this.#session);
  }
}
