import { PreparedMessage } from "../engine/index.ts";
import { encodeSocketPacket, RESERVED_EVENTS, type SocketPacket } from "../packets/index.ts";
import type { Clock } from "../shared/clock.ts";
import type { EventError } from "../shared/event-error.ts";
import { EventSocket } from "../shared/event-socket.ts";
import type { EventArguments, EventMap, EventNames, WithAckErrors } from "../shared/events.ts";
import type { EmitFlags, SendEvent } from "../shared/flagged-emitter.ts";
import { AckError, type AckCallback, type AckErrorCode } from "../shared/pending-acks.ts";
import type { Answering } from "./acknowledgement.ts";
import type { Room, TakeAnswer } from "./adapter.ts";
import { HeldEvents } from "./backpressure/held-events.ts";
import type { BackpressureRules } from "./backpressure/rules.ts";
import type { WhenSlow } from "./backpressure/when-slow.ts";
import { type BroadcastChannel, EVERYONE } from "./broadcast-channel.ts";
import type { MessageArguments } from "./broadcast-events.ts";
import { BroadcastOperator } from "./broadcast-operator.ts";
import { FlaggedSocket } from "./flagged-socket.ts";
import type { Delivery } from "./delivery/delivery.ts";
import type { Feed } from "./delivery/feed.ts";
import { DRAINED_BYTES } from "./drain-watch.ts";
import type { LoggedMessage } from "./delivery/logged-message.ts";
import type { SocketReservedEvents } from "./socket-events.ts";
import type { SocketLink } from "./socket-link.ts";

/** What sending needs of a namespace. */
export interface SendingOwner {
  readonly name: string;
  readonly channel: BroadcastChannel;
  readonly delivery: Delivery | undefined;
  readonly backpressure: BackpressureRules;
  readonly clock: Clock;
  /** What the application gave can't be told. */
  onError(error: unknown, event: string, socketId: string): void;
}

/** `leaving`: its listeners are told, it is still in its rooms. */
export type SocketState = "joining" | "joined" | "leaving" | "gone";

const NO_FLAGS: EmitFlags = {};

/** The half of a socket that sends: events, answers, broadcasts; and that waits for what is answered. */
export abstract class SendingSocket<
  ListenEvents extends EventMap,
  EmitEvents extends EventMap,
  SocketData,
  Owner extends SendingOwner,
>
  extends EventSocket<ListenEvents, EmitEvents, SocketReservedEvents>
  implements Answering
{
  /** 20 unguessable characters; also the name of a room that holds only this socket. */
  readonly id: string;
  readonly #link: SocketLink;
  readonly #owner: Owner;
  /** What it is sent from the log, if its client can come back. */
  readonly #feed: Feed | undefined;
  /** What waits for a client that is slow, if it is not read from the log. */
  #held: HeldEvents | undefined;

  /** @internal */
  constructor(id: string, link: SocketLink, owner: Owner, feed: Feed | undefined) {
    super();
    this.id = id;
    this.#link = link;
    this.#owner = owner;
    this.#feed = feed;
  }

  /** Whether the client is in the namespace. */
  get connected(): boolean {
    return this.socketState === "joined" || this.socketState === "leaving";
  }

  /**
   * Sends an event to this client; a function as the last argument is called with the acknowledgement.
   * Throws a `TypeError` for a reserved name or a value that JSON can't hold. Dropped after the socket is gone; in middleware of the namespace,
   * kept until the client has joined.
   *
   * @example
   * socket.emit("question", "really?", (answer) => console.log(answer));
   */
  emit<Name extends EventNames<EmitEvents>>(name: Name, ...args: EventArguments<EmitEvents, Name>): boolean {
    this.sendEvent(NO_FLAGS, name, args);
    return true;
  }

  /** Sends the event `message`. */
  send(...args: MessageArguments<EmitEvents>): this {
    this.sendEvent(NO_FLAGS, "message", args);
    return this;
  }

  /** Same as {@link send}. */
  write(...args: MessageArguments<EmitEvents>): this {
    return this.send(...args);
  }

  /**
   * Resolves when what it was sent is in the log, where there is one, and the client has taken it but for 16 KiB at most; at once, if no more waits; also if it
   * leaves. For those who produce faster than clients read. Never rejects.
   *
   * @example
   * for await (const row of rows) {
   *   socket.emit("row", row);
   *   await socket.drained();
   *   if (!socket.connected) return;
   * }
   */
  async drained(): Promise<void> {
    const { delivery } = this.#owner;
    if (this.connected && delivery?.isWaiting === true) await this.#logged(delivery);
    if (!this.connected || this.#link.bufferedBytes <= DRAINED_BYTES) return;
    await new Promise<void>((resolve) => {
      this.#link.whenDrained(() => resolve());
    });
  }

  /**
   * Events are dropped if they can't be sent right away: this one's, or those to others who can't take them. Who waits for the acknowledgement of
   * one that is dropped gets an `AckError` at once, with the code `buffer_full`.
   */
  override get volatile(): FlaggedSocket<EmitEvents, SocketData> {
    return this.with({ volatile: true });
  }

  /** A limit, in milliseconds, on how long acknowledgements may take, of this client or of others. */
  override timeout(timeoutMs: number): FlaggedSocket<EmitEvents, SocketData, WithAckErrors<EmitEvents>> {
    return this.with(NO_FLAGS).timeout(timeoutMs);
  }

  /** Whether events may be compressed on their way, where that is switched on. */
  override compress(compress: boolean): FlaggedSocket<EmitEvents, SocketData> {
    return this.with({ compress });
  }

  /** Everyone in the namespace but this socket. */
  get broadcast(): BroadcastOperator<EmitEvents, SocketData> {
    return this.#others(NO_FLAGS);
  }

  /** The same, but only on this node. */
  get local(): BroadcastOperator<EmitEvents, SocketData> {
    return this.broadcast.local;
  }

  /** The members of rooms, but for this socket. */
  to(room: Room | readonly Room[]): BroadcastOperator<EmitEvents, SocketData> {
    return this.broadcast.to(room);
  }

  /** Same as {@link to}. */
  in(room: Room | readonly Room[]): BroadcastOperator<EmitEvents, SocketData> {
    return this.broadcast.to(room);
  }

  /** Everyone in the namespace, but for this socket and the members of rooms. */
  except(room: Room | readonly Room[]): BroadcastOperator<EmitEvents, SocketData> {
    return this.broadcast.except(room);
  }

  /** @internal */
  get wantsErrors(): boolean {
    return this.#link.wantsErrors;
  }

  /** @internal */
  get isAsked(): boolean {
    return (this.acksIfAny?.size ?? 0) > 0;
  }

  /** @internal */
  receiveAck(ackId: number, args: unknown[]): void {
    this.acksIfAny?.settle(ackId, args);
  }

  /** @internal */
  receiveAckError(ackId: number, error: EventError): void {
    this.acksIfAny?.fail(ackId, error);
  }

  /** @internal */
  sendAck(id: number, data: unknown[]): void {
    this.#link.send({ type: "ack", namespace: this.#owner.name, id, data });
  }

  /** @internal */
  sendAckError(id: number, { code, message, data }: EventError): void {
    const packet = { type: "connect_error", namespace: this.#owner.name, id } as const;
    try {
      this.#link.send({ ...packet, data: { code, message, data } });
    } catch (error) {
      // What the application has put into it can't be told.
      this.#owner.onError(error, "acknowledgement", this.id);
      this.#link.send({ ...packet, data: { code, message } });
    }
  }

  /** @internal */
  deliver(message: PreparedMessage, isVolatile: boolean, whenSlow?: WhenSlow): void {
    if (isVolatile ? this.#link.isWritable : !this.#isHeld(message, whenSlow))
      this.#link.sendPrepared(message);
  }

  /** @internal */
  deliverLogged(message: LoggedMessage): void {
    if (this.#feed !== undefined) this.#feed.deliver(message);
    else if (!this.#isHeld(message.on("none"), message.whenSlow)) this.#link.sendLogged(message.on("none"));
  }

  /** @internal */
  get seatKey(): string | undefined {
    return this.#feed?.seat.key;
  }

  /** @internal */
  tellLoss(): void {
    this.#feed?.lose();
  }

  /** @internal */
  ask(message: PreparedMessage, id: number, isVolatile: boolean, take: TakeAnswer): boolean {
    if (!this.connected || (isVolatile && !this.#link.isWritable)) return false;
    this.acks.add(take as AckCallback, true, undefined, undefined, id);
    this.#link.intake?.onAsked();
    this.#link.sendPrepared(message);
    return true;
  }

  /** @internal */
  forgetQuestion(id: number): void {
    this.acksIfAny?.cancel(id);
  }

  // Names that no application gives to what it keeps on a socket.

  protected abstract get socketState(): SocketState;

  /** Keeps a packet until the client has joined. Throws for one that can't be encoded. */
  protected abstract sendEarly(packet: SocketPacket): void;

  protected get socketLink(): SocketLink {
    return this.#link;
  }

  protected get socketOwner(): Owner {
    return this.#owner;
  }

  protected get socketFeed(): Feed | undefined {
    return this.#feed;
  }

  /** Sends an event; through the log, if the client can come back to it there. */
  protected sendPacket(packet: SocketPacket, compress?: boolean): void {
    if (packet.id !== undefined) return this.#link.send(packet, compress);
    const { delivery, backpressure } = this.#owner;
    const data = packet.data as [string, ...unknown[]];
    const whenSlow = backpressure.whenSlow(data[0], data.slice(1), [this.id], []);
    if (this.#feed !== undefined && delivery !== undefined) {
      delivery.publishTo(this, this.#feed.seat, data, compress ?? true, whenSlow);
    } else if (whenSlow === undefined) this.#link.send(packet, compress);
    else {
      const { text, attachments } = encodeSocketPacket(packet);
      this.deliver(new PreparedMessage(text, attachments, compress), false, whenSlow);
    }
  }

  protected override get clock(): Clock {
    return this.#owner.clock;
  }

  protected override with(flags: EmitFlags): FlaggedSocket<EmitEvents, SocketData> {
    const send: SendEvent = (given, name, args) => this.sendEvent(given, name, args);
    return new FlaggedSocket({ send, others: (given) => this.#others(given) }, flags);
  }

  protected override sendEvent(flags: EmitFlags, name: string, args: readonly unknown[]): void {
    if (RESERVED_EVENTS.has(name)) throw new TypeError(`"${name}" is reserved: it can't be sent.`);
    const last = args.at(-1);
    const acknowledge = typeof last === "function" ? (last as AckCallback) : undefined;
    const data = [name, ...(acknowledge === undefined ? args : args.slice(0, -1))];
    const errorFirst = flags.errorFirst === true || flags.timeoutMs !== undefined;
    if (this.socketState === "gone") {
      this.#failSoon(errorFirst ? acknowledge : undefined, "disconnected", "The client is not connected.");
      return;
    }
    if (flags.volatile === true && !this.#link.isWritable) {
      const message = "The client can't take a volatile event right now: it was not sent.";
      this.#failSoon(errorFirst ? acknowledge : undefined, "buffer_full", message);
      return;
    }
    const id =
      acknowledge === undefined ? undefined : this.acks.add(acknowledge, errorFirst, flags.timeoutMs);
    if (id !== undefined) this.#link.intake?.onAsked();
    this.catchOutgoing(name, args);
    const packet: SocketPacket = { type: "event", namespace: this.#owner.name, id, data };
    try {
      if (this.socketState === "joining") this.sendEarly(packet);
      else if (flags.volatile === true) this.#link.send(packet, flags.compress);
      else this.sendPacket(packet, flags.compress);
    } catch (error) {
      if (id !== undefined) this.acks.cancel(id);
      throw error;
    }
  }

  /** True: it is held until the client has taken what it was sent, or the client was given up. */
  #isHeld(message: PreparedMessage, whenSlow: WhenSlow | undefined): boolean {
    if (whenSlow === undefined) return false;
    const isSlow = this.#link.bufferedBytes > whenSlow.aboveBytes;
    if (whenSlow.lane === undefined) {
      if (isSlow) this.#link.endSession();
      return isSlow;
    }
    if (!isSlow && this.#held?.isEmpty !== false) return false;
    return (this.#held ??= new HeldEvents(this.#link, () => this.connected)).hold(message, whenSlow.lane);
  }

  /** What was not sent will not be acknowledged: whoever can be told, is, but not before `emit` returns. */
  #failSoon(acknowledge: AckCallback | undefined, code: AckErrorCode, message: string): void {
    if (acknowledge === undefined) return;
    const { acks } = this;
    const id = acks.add(acknowledge, true);
    queueMicrotask(() => acks.fail(id, new AckError(code, message)));
  }

  /** Resolves when what was sent until now is in the log; also if the session ends. */
  #logged(delivery: Delivery): Promise<void> {
    return new Promise((resolve) => {
      const forget = this.#link.whenOver(resolve);
      delivery.inOrder(() => {
        forget();
        resolve();
      });
    });
  }

  #others({
    volatile = false,
    compress = true,
    timeoutMs,
  }: EmitFlags): BroadcastOperator<EmitEvents, SocketData> {
    const target = { ...EVERYONE, except: new Set([this.id]), volatile, compress };
    return new BroadcastOperator(this.#owner.channel, target, timeoutMs);
  }
}
