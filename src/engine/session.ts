import { encodeEnginePacket, enginePacketType, PacketError } from "../packets/index.ts";
import type { Exchange } from "./exchange.ts";
import { Heartbeat, type HeartbeatHost } from "./heartbeat.ts";
import { LinkState, sizeOf } from "./link-state.ts";
import { Moves, type MovesHost } from "./moves.ts";
import { NoTransport } from "./no-transport.ts";
import type { PreparedMessage } from "./prepared-message.ts";
import type { Session, SessionCloseReason, SessionHandler } from "./session-contract.ts";
import type { SessionOwner, SessionRequest } from "./session-contract.ts";
import { type Backlogged, NOTED_BYTES } from "./total-backlog.ts";
import type { RequestTransport, Transport, TransportCloseReason, TransportName } from "./transport.ts";

export type * from "./session-contract.ts";

const WIRE_CLOSE_REASONS: Readonly<Record<SessionCloseReason, TransportCloseReason>> = {
  "transport close": "normal",
  "transport error": "normal",
  "ping timeout": "normal",
  "parse error": "invalid data",
  "forced close": "normal",
  "server shutting down": "going away",
};

/** Who asks so in the handshake is told before the server ends the session: see docs/protocol/drain.md. */
const OBEYS = /[?&]drain=1(?:&|$)/;

const NO_ATTACHMENTS: readonly Uint8Array[] = [];

/**
 * A session and the transport that it is on; made by {@link SessionOwner}. There may be very many: it keeps
 * little.
 */
export class TransportSession implements Session, MovesHost, HeartbeatHost, Backlogged {
  readonly id: string;
  readonly request: SessionRequest;
  readonly #owner: SessionOwner;
  readonly #heartbeat: Heartbeat;
  /** Of one that may lose its transport and go on with another one. */
  readonly link: LinkState | undefined;
  #transport: Transport;
  #handler: SessionHandler | undefined;
  /** False once it is over; what was sent may still be leaving. */
  #isOpen = true;
  #isReading = true;
  /** How much it was sent since its owner was told that it was much; text counts by its characters. */
  #sentBytes = 0;
  #failure: string | undefined;
  #moves: Moves | undefined;

  constructor(
    id: string,
    request: SessionRequest,
    transport: Transport,
    owner: SessionOwner,
    isLink: boolean,
  ) {
    this.id = id;
    this.request = request;
    this.#transport = transport;
    this.#owner = owner;
    this.#heartbeat = new Heartbeat(owner.options, this);
    this.link = isLink ? new LinkState() : undefined;
  }

  get transport(): Transport {
    return this.#transport;
  }

  get transportName(): TransportName {
    return this.#transport.name;
  }

  get bufferedBytes(): number {
    return this.#heartbeat.isLost ? this.link!.outbox.size : this.#transport.bufferedBytes;
  }

  /** A link keeps what it sends until it is acknowledged, and hands it to its transport as well. */
  get heldBytes(): number {
    return Math.max(this.link?.outbox.size ?? 0, this.#transport.bufferedBytes);
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get isReading(): boolean {
    return this.#isReading;
  }

  get isLink(): boolean {
    return this.link !== undefined;
  }

  /** Whether a WebSocket is about to become its transport. */
  get isUpgrading(): boolean {
    return this.#moves?.isUpgrading ?? false;
  }

  /**
   * Whether requests with its id mean anything: while it is open, and until a client that polls was told
   * that it is not.
   */
  get isKnown(): boolean {
    return this.#isOpen || this.#transport.name !== "websocket";
  }

  /** Whether a request over this transport can be the session's: for a link that may move, all are. */
  acceptsRequest(name: TransportName): boolean {
    return this.link !== undefined || this.#transport.name === name;
  }

  handle(handler: SessionHandler): void {
    this.#handler = handler;
  }

  /** Sends the open packet, hands the session over with `onReady`, and starts the heartbeat. */
  start(openPayload: string, onReady: (session: Session) => void): void {
    this.#transport.sendPacket(encodeEnginePacket("open", openPayload));
    onReady(this);
    if (this.#isOpen) this.#heartbeat.restart();
    // Last: a client that did not wait for the open packet may have said enough already to end the session.
    this.#transport.start(this);
  }

  send(text: string, attachments: readonly Uint8Array[] = NO_ATTACHMENTS, compress = true): void {
    if (!this.#admit(text, attachments)) return;
    if (this.#handler?.onSend !== undefined) this.#tellSend([text, ...attachments], compress);
    this.#transport.sendPacket(encodeEnginePacket("message", text), compress);
    for (const attachment of attachments) this.#transport.sendBinary(attachment, compress);
    this.#count(text.length, attachments);
  }

  sendBinary(data: Uint8Array, compress = true): void {
    if (!this.#admit(undefined, [data])) return;
    if (this.#handler?.onSend !== undefined) this.#tellSend([data], compress);
    this.#transport.sendBinary(data, compress);
    this.#count(data.length, NO_ATTACHMENTS);
  }

  sendPrepared(message: PreparedMessage): void {
    const { text, attachments, textBytes, mayCompress } = message;
    if (!this.#admit(text, attachments, textBytes)) return;
    if (this.#handler?.onSend !== undefined) this.#tellSend([text, ...attachments], mayCompress);
    this.#transport.sendPrepared(message);
    this.#count(text.length, attachments);
  }

  pauseReading(): void {
    if (!this.#isOpen || !this.#isReading) return;
    this.#isReading = false;
    this.#transport.pause();
    this.#heartbeat.pause();
  }

  resumeReading(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    this.#heartbeat.resume();
    this.#transport.resume();
  }

  close(reason: SessionCloseReason = "forced close"): void {
    this.#end(reason, true, "closed by the server");
  }

  /** Asks the client to end the session, and to come back so many milliseconds later; false if it would not understand. */
  askToLeave(returnAfterMs: number): boolean {
    if (!OBEYS.test(this.request.url)) return false;
    this.#transport.sendPacket(encodeEnginePacket("close", String(Math.ceil(returnAfterMs))));
    return true;
  }

  cutOff(detail: string): void {
    const wasOpen = this.#isOpen;
    if (wasOpen) this.#settle();
    this.#transport.destroy();
    if (wasOpen) this.#tellClose("transport error", false, detail);
  }

  /** Ends what is left of it at once. */
  destroy(): void {
    this.#transport.destroy();
  }

  /**
   * Takes a request that carries the session's id. One of a link may move the session to the transport that
   * it names; one that can't be its is refused.
   */
  receiveExchange(exchange: Exchange, name: "polling" | "sse"): void {
    if (this.link !== undefined && this.#isOpen && !this.#movesMade().follow(this.link, exchange, name)) {
      exchange.refuse(400, "This request is late: the client has gone on to another transport since.");
    } else if (this.#transport.name !== name) {
      exchange.refuse(400, "The session is on another transport.");
    } else {
      (this.#transport as RequestTransport).receiveExchange(exchange);
    }
  }

  /** Takes a WebSocket that carries the session's id. */
  receiveWebSocket(transport: Transport): void {
    this.#movesMade().receiveWebSocket(transport);
  }

  receivePacket(digitCode: number, data: string): void {
    if (!this.#isOpen) return;
    try {
      switch (enginePacketType(String.fromCharCode(digitCode))) {
        case "message":
          this.link?.receiveMessage(data.length, this.#transport);
          this.#handler?.receiveText(data);
          return;
        case "pong": {
          this.link?.receiveCount(data);
          // Nobody is asked for pongs that answer no ping: they must cost nothing, and prove nothing.
          const isAnswer = this.#heartbeat.isPinged;
          this.#heartbeat.touch();
          if (isAnswer) this.#handler?.onPong?.();
          return;
        }
        case "close":
          if (this.#owner.awayMsOf(this) === undefined) {
            this.#end("transport close", true, "closed by the client", "released");
          } else this.#end("server shutting down", true, "the client left, as it was asked to", "released");
          return;
        case "noop":
          if (this.link === undefined) break;
          this.link.receiveCount(data);
          return;
        default:
      }
      throw new PacketError("A client sends no such packet on an open session.");
    } catch (error) {
      this.failOn(error);
    }
  }

  receiveBinary(data: Uint8Array): void {
    if (!this.#isOpen) return;
    this.link?.receiveMessage(data.length, this.#transport);
    try {
      this.#handler?.receiveBinary(data);
    } catch (error) {
      this.failOn(error);
    }
  }

  fail(error: PacketError): void {
    this.#end("parse error", false, error.message);
  }

  receiveAck(count: number | undefined): number {
    const { outbox } = this.link!;
    if (count !== undefined) outbox.acknowledge(count);
    return outbox.acknowledged;
  }

  onRenewed(): void {
    this.link!.sendAgain(this.#transport);
    this.#askAgain();
  }

  receiveSequence(first: number): number {
    return this.link!.knownFrom(first);
  }

  onTransportLost(): void {
    if (!this.#isOpen) return;
    this.#failure = undefined;
    this.#heartbeat.lose();
  }

  onTransportClose(clean: boolean, detail: string): void {
    if (this.#isOpen && this.link !== undefined) {
      this.#transport = new NoTransport(this.#transport.name, this);
      this.onTransportLost();
      return;
    }
    const failure = this.#failure;
    this.#moves?.dropProbe();
    if (failure === undefined) this.#conclude("transport close", clean, detail);
    else this.#conclude("transport error", false, failure);
    this.link?.outbox.clear();
    this.#owner.onSessionGone(this);
  }

  onTransportError(error: Error, isTooLong = false): void {
    this.#failure ??= error.message;
    // The client of a link would come back, and send it again.
    if (isTooLong && this.link !== undefined) this.#conclude("transport error", false, error.message);
  }

  onPingDue(): void {
    this.#handler?.onSend?.("ping", undefined, true);
    this.#transport.sendPacket(encodeEnginePacket("ping", this.link?.takeCount()));
  }

  onSilence(wasLost: boolean): void {
    this.#settle();
    // The peer is not there to finish a close handshake.
    this.#transport.destroy();
    if (wasLost) this.#tellClose("transport close", false, "the client did not come back in time");
    else this.#tellClose("ping timeout", false, "no pong came in time");
  }

  takeTransport(next: Transport): void {
    const last = this.#transport;
    this.#transport = next;
    this.#failure = undefined;
    this.#owner.dismiss(last, "released");
    if (this.#isReading) return;
    next.pause();
    // What waited there comes again; who waits for an answer there gets it.
    last.resume();
  }

  onClientThere(isNew: boolean): void {
    if (!isNew) return this.#heartbeat.touch();
    this.#heartbeat.restart();
    this.#askAgain();
  }

  onMoved(): void {
    try {
      this.#handler?.onTransportChange?.(this.#transport.name);
    } catch (error) {
      this.#owner.onHandlerError(error);
    }
  }

  /** The one place where a packet that breaks the rules ends a session; a failure of the layer above doesn't. */
  failOn(error: unknown): void {
    if (error instanceof PacketError) this.fail(error);
    else this.#owner.onHandlerError(error);
  }

  /** Where a link goes on, what is no message is not sent again. */
  #askAgain(): void {
    const awayMs = this.#owner.awayMsOf(this);
    if (awayMs !== undefined) this.askToLeave(awayMs);
  }

  #count(length: number, attachments: readonly Uint8Array[]): void {
    this.#sentBytes += length;
    for (const attachment of attachments) this.#sentBytes += attachment.length;
    if (this.#sentBytes < NOTED_BYTES) return;
    const bytes = this.#sentBytes;
    this.#sentBytes = 0;
    this.#owner.onMuchSent(this, bytes);
  }

  #movesMade(): Moves {
    return (this.#moves ??= new Moves(this, this.#owner));
  }

  /** Whether a message may be sent. In a link it is kept then, until it is acknowledged. */
  #admit(text: string | undefined, binaries: readonly Uint8Array[], textBytes?: number): boolean {
    if (!this.#isOpen) return false;
    const { maxBufferedBytes, overflow } = this.#owner.options;
    const link = this.link;
    // A plain session that does not drop leaves its limit to the transport.
    if (link === undefined && (overflow === "terminate" || maxBufferedBytes === 0)) return true;
    const bytes = textBytes ?? Buffer.byteLength(text ?? "");
    const waiting = link?.outbox.size ?? this.#transport.bufferedBytes;
    if (maxBufferedBytes > 0 && waiting + sizeOf(bytes, binaries) > maxBufferedBytes) {
      const detail = `more than ${maxBufferedBytes} bytes waited for an acknowledgement`;
      if (overflow === "terminate") this.#end("transport error", false, detail);
      return false;
    }
    link?.keep(text, bytes, binaries);
    return true;
  }

  #tellSend(messages: readonly (string | Uint8Array)[], compress: boolean): void {
    for (const message of messages) this.#handler?.onSend?.("message", message, compress);
  }

  #tellClose(reason: SessionCloseReason, clean: boolean, detail: string): void {
    try {
      this.#handler?.onClose(reason, clean, detail);
    } catch (error) {
      this.#owner.onHandlerError(error);
    }
  }

  #end(reason: SessionCloseReason, clean: boolean, detail: string, wire = WIRE_CLOSE_REASONS[reason]): void {
    if (!this.#isOpen) return;
    // A client that is changing to a WebSocket may poll no more: it hears the end there.
    this.#settle(wire === "normal" && this.link === undefined);
    const transport = this.#transport;
    // A link's client would take a WebSocket that closes for one that is lost.
    if (this.link !== undefined && transport.name === "websocket" && wire !== "released") {
      transport.sendPacket(encodeEnginePacket("close"));
    }
    transport.close(wire);
    this.#tellClose(reason, clean, detail);
  }

  #conclude(reason: SessionCloseReason, clean: boolean, detail: string): void {
    if (!this.#isOpen) return;
    this.#settle();
    this.#tellClose(reason, clean, detail);
  }

  #settle(mayStillMove = false): void {
    this.#isOpen = false;
    // What comes now means nothing: nobody is to wait with it.
    this.resumeReading();
    this.#heartbeat.stop();
    if (!mayStillMove) this.#moves?.dropProbe();
    this.#owner.onSessionEnd(this);
  }
}
