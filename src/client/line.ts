import { encodeLinkMove, type Message } from "../packets/index.ts";
import { backlogOf, isTooMuch } from "./backlog.ts";
import { MAX_KEEPALIVE_LENGTH } from "./endpoint.ts";
import type { SessionPlatform } from "./platform.ts";
import type { TransportPlan } from "./plan.ts";
import { Rejoining, type RejoiningHost } from "./rejoining.ts";
import type { LineEvents } from "./session.ts";
import type { SessionFacts } from "./session-facts.ts";
import type { Transport, TransportKind, TransportSink } from "./transport.ts";
import type { OpenTransport } from "./transports/open.ts";
import { Upgrading, type UpgradingHost } from "./upgrading.ts";

/** What a line is made with. */
export interface LineContext {
  readonly facts: SessionFacts;
  readonly platform: SessionPlatform;
  readonly plan: TransportPlan;
  readonly openTransport: OpenTransport;
  /** How long a WebSocket may take to come through, and the first answer of polling, in milliseconds. */
  readonly probeTimeoutMs: number;
  /** How long the first event of a stream may take, in milliseconds. */
  readonly firstEventMs: number;
  /** The most that may wait for the server, in bytes; 0 for no limit. */
  readonly maxBufferedBytes: number;
  /** Is told which kind of transport works, once it does. */
  readonly onWorking: (kind: TransportKind) => void;
}

/** What an open session sends on: a transport, and in a link the next one when that is lost. */
export class Line implements RejoiningHost, UpgradingHost {
  readonly #facts: SessionFacts;
  readonly #context: LineContext;
  readonly #sink: TransportSink;
  readonly #events: LineEvents;
  readonly #rejoining: Rejoining | undefined;
  readonly #upgrading: Upgrading;
  #transport: Transport | undefined;
  #kind: TransportKind;
  /** Messages may be handed to the transport. */
  #isReady = true;
  /** Messages of a plain session that wait for a move to be done. */
  #held: Message[] = [];
  #heldBytes = 0;

  /** Takes over the transport that has opened the session. */
  constructor(context: LineContext, transport: Transport, sink: TransportSink, events: LineEvents) {
    this.#context = context;
    this.#facts = context.facts;
    this.#sink = sink;
    this.#events = events;
    this.#kind = transport.kind;
    this.#attach(transport);
    this.#rejoining = context.facts.link && new Rejoining(this, context, events);
    this.#upgrading = new Upgrading(this, context);
  }

  /** Bytes accepted and not yet sent; infinite while there is nothing to send them with. */
  get bufferedBytes(): number {
    return this.#isReady ? this.#transport!.bufferedBytes : Infinity;
  }

  /** Whether packets have something to travel on. */
  get isAttached(): boolean {
    return this.#transport !== undefined;
  }

  /** Whether what the packets travel on is known to work. */
  get isJoined(): boolean {
    return this.#rejoining?.isJoined ?? true;
  }

  /** Looks for a better transport; `isHopeful` if nothing says yet that WebSocket would fail. */
  improve(isHopeful: boolean): void {
    if (this.#transport !== undefined) this.#upgrading.review(this.#transport.kind, isHopeful);
  }

  /** Why messages can't be sent, if they can't. */
  problemWith(messages: readonly Message[]): Error | undefined {
    const { link, maxPayload } = this.#facts;
    const most = this.#context.maxBufferedBytes;
    if (link !== undefined) return link.problemWith(messages, maxPayload, most);
    const waiting = this.#heldBytes + (this.#transport?.bufferedBytes ?? 0);
    if (!isTooMuch(waiting, messages, most)) return undefined;
    return new Error(`More than ${most} bytes wait.`);
  }

  /** Sends a message: now, or when there is a transport again. */
  sendMessage(message: Message): void {
    const { link } = this.#facts;
    link?.keep(message);
    if (this.#isReady) this.#transmit(message);
    else if (link === undefined) {
      this.#held.push(message);
      this.#heldBytes += backlogOf(message);
    }
  }

  /** Sends another packet, if it can be sent now: a server that asks and does not listen is not answered. */
  sendPacket(packet: string): void {
    const transport = this.#transport;
    if (
      transport !== undefined &&
      !isTooMuch(transport.bufferedBytes, [packet], this.#context.maxBufferedBytes)
    ) {
      transport.send(packet);
    }
  }

  /** How many messages have come is told the server, unless the next request does so anyway. */
  sendAck(): void {
    if (this.#kind === "polling") return;
    this.sendPacket(`6${this.#facts.link!.takeAck()}`);
  }

  /** In a link: a packet came. */
  heard(): void {
    this.#rejoining?.joined();
  }

  /** In a link: the server has said how many messages it has, so that those after them can be sent. */
  synchronized(): void {
    if (this.#isReady) return;
    this.#isReady = true;
    this.#flush();
  }

  /** The transport was lost. False if there can't be another one. */
  lost(): boolean {
    this.#rejoining?.begin(this.#kindInUse());
    return this.#rejoining !== undefined;
  }

  /** In a link: the transport is silent, and another kind may do better. */
  distrust(): void {
    const kind = this.#kindInUse();
    if (kind === "sse") this.#facts.isSseBad = true;
    this.#rejoining?.switchTo(this.#context.plan.fallback ?? kind);
  }

  /** In a link: makes a new transport of the same kind now, whatever is under way. */
  renew(): void {
    this.#rejoining?.switchTo(this.#kindInUse());
  }

  /** There is no network. False if the session can't wait for it. */
  offline(): boolean {
    this.#rejoining?.wait();
    return this.#rejoining !== undefined;
  }

  /** The end: what was sent before still leaves, and after it the close packet. */
  close(): void {
    if (this.#facts.link === undefined) this.#flush();
    else if (this.#mayOutlivePage()) this.moveBy(this.#kindInUse());
    this.#transport?.send("1");
    this.#transport?.close();
    this.#transport = undefined;
    this.destroy();
  }

  /** The end, now. */
  destroy(): void {
    this.#upgrading.stop();
    this.#rejoining?.stop();
    this.detach();
  }

  detach(): void {
    this.#isReady = false;
    this.#transport?.destroy();
    this.#transport = undefined;
  }

  moveBy(kind: TransportKind): void {
    this.detach();
    this.#facts.link!.move += 1;
    this.#attach(this.#context.openTransport(kind, this.#facts, this.#sink));
    this.synchronized();
  }

  moveTo(transport: Transport): void {
    const link = this.#facts.link!;
    this.detach();
    link.move += 1;
    transport.send(`5${encodeLinkMove({ move: link.move, ack: link.takeAck() })}`);
    this.#attach(transport);
  }

  onJoined(wasInterrupted: boolean): void {
    this.#tellKind();
    if (wasInterrupted) this.#events.onLinkEvent("resumed");
    this.improve(false);
  }

  onUpgradable(transport: Transport): void {
    if (this.#rejoining !== undefined) return this.#rejoining.take(transport);
    const old = this.#transport!;
    this.#isReady = false;
    old.pause!(() => {
      // It may have been lost meanwhile.
      if (this.#transport !== old || this.#isReady) return;
      transport.send("5");
      old.destroy();
      this.#attach(transport);
      this.#tellKind();
      this.#upgrading.stop();
      this.synchronized();
    });
  }

  onUpgradeLost(): void {
    if (this.#rejoining !== undefined || this.#isReady) return;
    this.#transport!.resume!();
    this.synchronized();
  }

  tryStream(): void {
    this.#rejoining?.switchTo("sse");
  }

  /**
   * Whether a request is under way that ends with the page, and with it what waits behind, while a new one with all of it would
   * live on.
   */
  #mayOutlivePage(): boolean {
    if (this.#kindInUse() === "websocket") return false;
    const { bufferedBytes } = this;
    return bufferedBytes > 0 && bufferedBytes < MAX_KEEPALIVE_LENGTH;
  }

  #kindInUse(): TransportKind {
    return this.#transport?.kind ?? this.#kind;
  }

  #attach(transport: Transport): void {
    transport.sink = this.#sink;
    this.#transport = transport;
  }

  #tellKind(): void {
    const kind = this.#kindInUse();
    if (this.#kind === kind) return;
    this.#kind = kind;
    this.#context.onWorking(kind);
    this.#events.onTransport(kind);
  }

  #transmit(message: Message): void {
    this.#transport!.send(typeof message === "string" ? `4${message}` : message);
  }

  /** Sends what had to wait; in a link, all that is not acknowledged. */
  #flush(): void {
    this.#heldBytes = 0;
    for (const message of this.#facts.link?.outbox.messages ?? this.#held.splice(0)) this.#transmit(message);
  }
}
