import { encodeEnginePacket, PacketError, parseCount } from "../../packets/index.ts";
import type { Clock, Timer } from "../../shared/clock.ts";
import type { Exchange } from "../exchange.ts";
import { PreparedMessage } from "../prepared-message.ts";
import type { RequestTransport, TransportCloseReason, TransportName } from "../transport.ts";
import type { TransportSink, WaitingPacket } from "../transport.ts";
import { Incoming, type IncomingHost } from "./incoming.ts";
import { Leaving } from "./leaving.ts";

/** How a transport that lives on requests behaves. */
export interface RequestTransportOptions {
  /** Whether its session is a link. */
  readonly link: boolean;
  readonly clock: Clock;
  /**
   * The most bytes that may wait for a request; 0 for no limit. A link's session keeps its own account of
   * them.
   */
  readonly maxBufferedBytes: number;
  /** Beyond that limit, the transport fails, or nothing happens: then the session drops what is too much. */
  readonly overflow: "terminate" | "drop";
  /** How long a closed transport waits for the request that tells the client. */
  readonly closeGraceMs: number;
  /** The longest that a request of a link is held. */
  readonly maxHoldMs: number;
  /** Takes a request that outlives the transport: its answer has not left, or its body is still coming in. */
  readonly onRemains: (exchange: Exchange) => void;
}

/** The packet that ends a session. */
export const CLOSE_PACKET: string = encodeEnginePacket("close");
/** The packet that ends a request and means nothing. */
export const NOOP_PACKET: string = encodeEnginePacket("noop");

/** python-engineio refuses payloads of more packets. A message with attachments counts as one here: it must not be torn. */
const MAX_PACKETS_PER_ANSWER = 16;

/**
 * What polling and event streams have in common: packets wait until the end of the turn and for a request
 * that takes them down, bodies come up, and a close waits for a request that it can be told with.
 */
export abstract class RequestBased implements RequestTransport, IncomingHost {
  abstract readonly name: TransportName;
  readonly options: RequestTransportOptions;
  readonly #incoming: Incoming = new Incoming(this);
  readonly #leaving: Leaving = new Leaving();
  #sink: TransportSink | undefined;
  #state: "open" | "closing" | "closed" | "broken" = "open";
  #waiting: WaitingPacket[] = [];
  #waitingBytes = 0;
  #scheduled = false;
  #isHeldBack = false;
  #graceTimer: Timer | undefined;

  constructor(options: RequestTransportOptions) {
    this.options = options;
  }

  get sink(): TransportSink {
    return this.#sink!;
  }

  get isLink(): boolean {
    return this.options.link;
  }

  get state(): "open" | "closing" | "closed" | "broken" {
    return this.#state;
  }

  get bufferedBytes(): number {
    return this.#waitingBytes + this.#leaving.bytes;
  }

  start(sink: TransportSink): void {
    this.#sink = sink;
  }

  redirect(sink: TransportSink): void {
    this.#sink = sink;
  }

  pause(): void {
    this.#incoming.pause();
  }

  resume(): void {
    this.#incoming.resume();
  }

  sendPacket(packet: string): void {
    // To who does not take anything, pings and acknowledgements are of no use later: a link is alive by its requests.
    if (this.isLink && !this.takesNow && isFleeting(packet)) return;
    this.#push(packet);
  }

  sendBinary(data: Uint8Array): void {
    this.#push(data);
  }

  sendPrepared(message: PreparedMessage): void {
    this.#push(message);
  }

  takeWaiting(): readonly WaitingPacket[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    return waiting;
  }

  whenReceived(callback: () => void): void {
    this.#incoming.whenDone(callback);
  }

  receiveExchange(exchange: Exchange): void {
    const isLate = this.#state === "closed" || this.#state === "broken";
    if (!isLate && exchange.method === "GET") this.receiveGet(exchange);
    else if (!isLate && exchange.method === "POST") this.#incoming.receive(exchange);
    else exchange.refuse(400, isLate ? "The session is over." : "A session takes GET and POST.");
  }

  close(reason: TransportCloseReason): void {
    if (this.#state !== "open" && !(this.#state === "closing" && reason === "released")) return;
    if (reason === "released") {
      // What a link's client has not read comes again on its next transport.
      if (this.isLink) this.dropUnread();
      this.#finish("closed", [NOOP_PACKET], "released");
    } else if (reason === "invalid data") this.#finish("broken", [CLOSE_PACKET], "the peer broke the rules");
    else {
      this.#state = "closing";
      this.#sayGoodbye();
    }
  }

  destroy(): void {
    if (this.#state === "closed" || this.#state === "broken") return;
    this.dropUnread();
    this.#finish("closed", [CLOSE_PACKET], "destroyed");
  }

  holdBack(): void {
    this.#isHeldBack = true;
  }

  sendNow(): void {
    this.#isHeldBack = false;
    this.#flush();
  }

  onBreach(error: Error): void {
    if (this.isLink || this.#state !== "open") return;
    this.sink.onTransportError(error);
    this.#finish("closed", [CLOSE_PACKET], error.message);
  }

  abstract releaseRequest(): void;

  /** Whether there is a request now that takes packets down. */
  protected abstract get isCarried(): boolean;

  /** Whether it takes what is sent now, and not only what is left from before. */
  protected get takesNow(): boolean {
    return this.isCarried;
  }

  /** Whether something waits for a request. */
  protected get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** Takes a GET while the transport is open, or closing. */
  protected abstract receiveGet(exchange: Exchange): void;

  /** Sends packets with the request that there is. */
  protected abstract carry(packets: readonly WaitingPacket[]): void;

  /** Sends the last packets with the request that there is, if any, and lets it go. */
  protected abstract release(last: readonly WaitingPacket[]): void;

  /** A request has been answered, with so many bytes. */
  protected leave(exchange: Exchange, bytes: number): void {
    this.#leaving.add(exchange, bytes);
  }

  /** Drops what was answered and is not read. */
  protected dropUnread(): void {
    this.#leaving.destroy();
  }

  /**
   * Reads what a link's GET says that the client has; returns the number of messages that it is known to
   * have. A GET that can't be is refused, and undefined returned.
   */
  protected acknowledge(exchange: Exchange): number | undefined {
    const ack = exchange.query("ack");
    try {
      return this.sink.receiveAck(ack === undefined ? undefined : parseCount(ack));
    } catch (error) {
      if (!(error instanceof PacketError)) throw error;
      exchange.refuse(400, error.message);
      this.sink.fail(error);
      return undefined;
    }
  }

  /**
   * There is a new request: what waits goes with it at the end of the turn; in a link, all that is not
   * acknowledged.
   */
  protected renew(isFirst: boolean): void {
    if (this.isLink && !isFirst) {
      this.takeWaiting();
      this.sink.onRenewed();
    }
    if (this.#state === "closing") this.#sayGoodbye();
    else this.#schedule();
  }

  /** The request was cut by the client. */
  protected onCut(what: string): void {
    if (this.isLink) this.sink.onTransportLost();
    else this.onBreach(new Error(`${what} was cut`));
  }

  #push(packet: WaitingPacket): void {
    // A link that is closing sends again what was not acknowledged.
    if (this.#state === "closed" || this.#state === "broken") return;
    this.#waiting.push(packet);
    this.#waitingBytes += sizeOf(packet);
    const { maxBufferedBytes: most, overflow, link } = this.options;
    const isLimited = !link && most > 0 && overflow === "terminate" && this.#sink !== undefined;
    if (isLimited && this.bufferedBytes > most) {
      this.onBreach(new Error(`More than ${most} bytes were waiting to be sent.`));
    } else this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled || this.#isHeldBack || this.#waiting.length === 0 || !this.isCarried) return;
    this.#scheduled = true;
    queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    this.#scheduled = false;
    if (!this.#isHeldBack && this.isCarried && this.#waiting.length > 0) this.carry(this.#takeSome());
  }

  /** What one request takes down; the rest goes with the next. */
  #takeSome(): readonly WaitingPacket[] {
    if (this.isLink || this.#waiting.length <= MAX_PACKETS_PER_ANSWER) return this.takeWaiting();
    const some = this.#waiting.splice(0, MAX_PACKETS_PER_ANSWER);
    for (const packet of some) this.#waitingBytes -= sizeOf(packet);
    return some;
  }

  /**
   * What was sent before leaves first, with as many requests as it takes. Only a link may hear the end in the same answer: stock clients obey it at once, and
   * forget messages that came with it.
   */
  #sayGoodbye(): void {
    if (!this.isLink && this.isWaiting && this.isCarried) this.carry(this.#takeSome());
    if (this.isCarried) this.#finish("closed", [...this.takeWaiting(), CLOSE_PACKET], "closed");
    else {
      const { clock, closeGraceMs } = this.options;
      this.#graceTimer ??= clock.setTimeout(() => this.destroy(), closeGraceMs);
    }
  }

  #finish(state: "closed" | "broken", last: readonly WaitingPacket[], detail: string): void {
    this.#state = state;
    this.#graceTimer?.cancel();
    this.takeWaiting();
    this.release(last);
    for (const exchange of this.#leaving.take()) this.options.onRemains(exchange);
    if (this.#incoming.running !== undefined) this.options.onRemains(this.#incoming.running);
    this.sink.onTransportClose(false, detail);
  }
}

/** What a packet that waits counts for. */
function sizeOf(packet: WaitingPacket): number {
  if (!(packet instanceof PreparedMessage)) return packet.length;
  let bytes = packet.textBytes;
  for (const { length } of packet.attachments) bytes += length;
  return bytes;
}

/** Whether a packet is a ping or a noop. */
function isFleeting(packet: string): boolean {
  return packet.startsWith("2") || packet.startsWith("6");
}
