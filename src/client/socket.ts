import {
  type EncodedSocketPacket,
  encodeSocketPacket,
  PacketError,
  RESERVED_EVENTS,
  type SocketPacket,
  type SocketPacketType,
} from "../packets/index.ts";
import { callSafely } from "../shared/call-safely.ts";
import type { Clock } from "../shared/clock.ts";
import { EventSocket } from "../shared/event-socket.ts";
import type { DefaultEvents, EventArguments, EventMap, EventNames } from "../shared/events.ts";
import type { EmitFlags } from "../shared/flagged-emitter.ts";
import type { Logger } from "../shared/logger.ts";
import { EventError } from "../shared/event-error.ts";
import { type AckCallback, AckError } from "../shared/pending-acks.ts";
import { MAX_BUFFERED_BYTES } from "./backlog.ts";
import type { SocketDelivery } from "./delivery/port.ts";
import type { StoreError } from "./delivery/store-error.ts";
import type { Engine } from "./engine.ts";
import type { CloseDetails, EngineCloseReason } from "./session.ts";
import type { ClientDisconnectReason, ClientReservedEvents } from "./socket-events.ts";
import type { ManagerSettings } from "./manager-settings.ts";
import type { Auth, SocketOptions } from "./options.ts";
import { type RetriedEvent, type RetryHost, RetryQueue } from "./retry-queue.ts";
import { type OutgoingEvent, SendBuffer, sizeOf } from "./send-buffer.ts";

/** A manager, as its sockets know it. */
export interface SocketUplink extends ManagerSettings {
  /** @internal */
  readonly clock: Clock;
  /** @internal The origin. */
  readonly server: string;
  /** Whether there is a connection. */
  readonly isOpen: boolean;
  /** What carries the connection. */
  readonly engine: Engine;
  /** The bytes that wait to be sent. */
  readonly bufferedBytes: number;
  /** The socket for a namespace; the same for each call. */
  socket<ListenEvents extends EventMap = DefaultEvents, EmitEvents extends EventMap = DefaultEvents>(
    namespace: string,
    options?: SocketOptions,
  ): Socket<ListenEvents, EmitEvents>;
  /** Connects, at once if an attempt is waiting; `callback` is told what becomes of it, and then tries again himself. */
  connect(callback?: (error?: Error) => void): this;
  /** Same as `connect`. */
  open(callback?: (error?: Error) => void): this;
  /** Ends the connection for all its sockets, until somebody connects again. */
  disconnect(): this;
  /** Same as `disconnect`. */
  close(): this;
  /** @internal */
  send(packet: EncodedSocketPacket): void;
  /** @internal An event failed, and nobody else can be told. */
  onEmitError(error: AckError | EventError | StoreError, namespace: string): void;
  /** @internal The socket needs the connection no longer. */
  release(): void;
}

const NO_FLAGS: EmitFlags = {};
/** So many events may be sent again before the server says who we are. */
const MAX_MISSED_EVENTS = 10_000;
/** How many events may wait, unless said. */
const MAX_BUFFERED_EVENTS = 10_000;
/** Beyond this backlog, volatile events are dropped. */
const VOLATILE_BACKLOG_BYTES = 64 * 1024;

/**
 * A namespace, as the client sees it.
 *
 * @example
 * const socket = io("http://localhost:3000");
 * socket.on("connect", () => socket.emit("hello", "Ada", (answer) => console.log(answer)));
 */
export class Socket<
  ListenEvents extends EventMap = DefaultEvents,
  EmitEvents extends EventMap = DefaultEvents,
>
  extends EventSocket<ListenEvents, EmitEvents, ClientReservedEvents>
  implements RetryHost
{
  /** The manager: one connection, shared with the sockets of other namespaces. */
  readonly io: SocketUplink;
  /** The namespace's name: `/` is the main one. */
  readonly nsp: string;
  /** What the server gets as `socket.handshake.auth`; may be changed before the next `connect()`. */
  auth: Auth | undefined;
  readonly #logger: Logger;
  #id: string | undefined;
  #active = false;
  #recovered = false;
  /** By which a server of Socket.IO with `connectionStateRecovery` knows us again; undefined with any other. */
  #pid: string | undefined;
  /** The last event that such a server has sent. */
  #offset: string | undefined;
  /** Events that came before the answer to CONNECT: those that such a server sends again, and what some others send early. */
  #missed: SocketPacket[] = [];
  /** Stands for the connection on which the namespace is still to be joined. */
  #joining: object | undefined;
  readonly #buffer = new SendBuffer();
  readonly #ackTimeoutMs: number | undefined;
  readonly #queue: RetryQueue | undefined;
  readonly #delivery: SocketDelivery | undefined;

  /** @internal Made by a manager. */
  constructor(namespace: string, options: SocketOptions, io: SocketUplink, logger: Logger) {
    super();
    this.io = io;
    this.nsp = namespace;
    this.auth = options.auth;
    this.#logger = logger;
    this.#ackTimeoutMs = options.ackTimeout;
    const { retries = 0 } = options;
    this.#delivery = io.opts.delivery?.(namespace, io);
    if (retries > 0) {
      if (this.#delivery) throw new TypeError('The option "retries" is not for "delivery".');
      this.#queue = new RetryQueue(retries, this);
    }
  }

  /** The id of this connection, as the server knows it; undefined while not connected. */
  get id(): string | undefined {
    return this.#id;
  }

  get connected(): boolean {
    return this.#id !== undefined;
  }

  get disconnected(): boolean {
    return !this.connected;
  }

  /** How many events wait for a connection, or with `retries` for their acknowledgement; see `maxBufferedEvents`. */
  get bufferedEvents(): number {
    return this.#buffer.length + (this.#kept?.length ?? 0);
  }

  /** What they count for in bytes; see `maxBufferedBytes`. */
  get bufferedBytes(): number {
    return this.#buffer.bytes + (this.#kept?.bytes ?? 0);
  }

  /**
   * Whether this connection goes on where the last one ended: the id is the same, and what was missed in between comes: with the option `delivery` right
   * after `connect`; with a server of Socket.IO that has `connectionStateRecovery` on, before it.
   */
  get recovered(): boolean {
    return this.#recovered;
  }

  /** Whether the socket is connected or trying to be. */
  get active(): boolean {
    return this.#active;
  }

  /** Connects; while a retry is waiting, at once. */
  connect(): this {
    if (this.connected) return this;
    const wasActive = this.#active;
    this.#active = true;
    if (!this.io.isOpen) this.io.connect();
    else if (!wasActive) this.onManagerOpen();
    return this;
  }

  /** Leaves the namespace and does not come back; the connection ends with its last socket. */
  disconnect(): this {
    if (!this.#active) return this;
    this.#active = false;
    this.#joining = undefined;
    if (this.connected) {
      this.io.send(this.#encode("disconnect"));
      this.#end("io client disconnect");
    }
    this.io.release();
    return this;
  }

  /** Same as {@link connect}. */
  open(): this {
    return this.connect();
  }

  /** Same as {@link disconnect}. */
  close(): this {
    return this.disconnect();
  }

  /**
   * Sends an event; a function as the last argument is called with the acknowledgement. While not connected, events wait
   * and are sent, once and in order, on the next connect; where too many wait (`maxBufferedEvents`), the acknowledgement fails with an
   * `AckError` (`buffer_full`), or the manager tells `emit_error`. Throws a `TypeError` for a reserved name or a value that JSON can't hold.
   */
  emit<Name extends EventNames<EmitEvents>>(name: Name, ...args: EventArguments<EmitEvents, Name>): this {
    this.sendEvent(NO_FLAGS, name, args);
    return this;
  }

  /** Sends an event named `message`. */
  send(...args: EventArguments<EmitEvents, "message">): this {
    this.sendEvent(NO_FLAGS, "message", args);
    return this;
  }

  /** @internal Sends an event that is tried until it is acknowledged. */
  sendOnce({ id, packet, timeoutMs }: RetriedEvent, onDone: AckCallback): void {
    this.acks.add(onDone, true, timeoutMs, undefined, id);
    this.io.send(packet);
  }

  /** @internal The connection is there: join. */
  onManagerOpen(): void {
    this.#missed = [];
    if (!this.#active) return;
    const attempt = {};
    this.#joining = attempt;
    const join = (data: Record<string, unknown> | undefined): void => {
      const auth = this.#pid === undefined ? data : { pid: this.#pid, offset: this.#offset, ...data };
      if (this.#delivery) this.#delivery.claim(auth, send);
      else send(auth);
    };
    const send = (given: Record<string, unknown> | undefined): void => {
      // By the time an application has found what to give, this connection may be another one's past.
      if (this.#joining !== attempt) return;
      this.#joining = undefined;
      this.io.send(this.#encode("connect", given));
    };
    const { auth } = this;
    if (typeof auth !== "function") return join(auth);
    const fail = (error: unknown): void => {
      this.listenerFailed(error, "auth");
      if (this.#joining !== attempt) return;
      this.#joining = undefined;
      this.#refuse("The option auth failed.");
    };
    callSafely(() => auth.call(this, join), [], fail);
  }

  /** @internal The connection is gone. */
  onManagerClose(reason: EngineCloseReason, details: CloseDetails | undefined): void {
    this.#joining = undefined;
    this.#missed = [];
    if (this.connected) this.#end(reason, details);
  }

  /** @internal The connection could not be made. */
  onManagerError(error: Error): void {
    if (this.#active) this.dispatch("connect_error", [error]);
  }

  /** @internal */
  receivePacket(incoming: SocketPacket): void {
    const packet = (this.connected && this.#delivery?.receive(incoming)) || incoming;
    const { type, id, data } = packet;
    switch (type) {
      case "connect":
        this.#start((data ?? {}) as { sid?: unknown; pid?: unknown });
        return;
      case "event":
        if (this.connected) this.#receiveEvent(data as unknown[], id);
        else if (this.#active) this.#keepMissed(packet);
        return;
      case "ack":
        if (id !== undefined) this.acksIfAny?.settle(id, data as unknown[]);
        return;
      case "disconnect":
        this.#active = false;
        if (this.connected) this.#end("io server disconnect");
        this.io.release();
        return;
      case "connect_error":
        if (id === undefined) this.#refuse(data);
        else this.#failAck(id, data);
    }
  }

  protected override get clock(): Clock {
    return this.io.clock;
  }

  protected override listenerFailed(error: unknown, name: string): void {
    this.#logger.error({ err: error }, `A listener for "${name}" failed.`);
  }

  /** What is kept until the server has it. */
  get #kept(): { readonly length: number; readonly bytes: number } | undefined {
    return this.#queue ?? this.#delivery;
  }

  #start(answer: { sid?: unknown; pid?: unknown }): void {
    const { sid, pid } = answer;
    if (typeof sid !== "string") {
      if (this.connected && this.#delivery?.skip(answer)) return void this.dispatch("gap", []);
      this.#refuse({ message: "The server speaks another protocol." });
      return;
    }
    this.#id = sid;
    this.#recovered = pid !== undefined && pid === this.#pid;
    this.#pid = typeof pid === "string" ? pid : undefined;
    if (this.#delivery) this.#join(this.#delivery, answer);
    if (this.#id !== sid) return;
    for (const { data, id } of this.#missed.splice(0))
      if (this.#id === sid) this.#receiveEvent(data as unknown[], id);
    if (this.#id !== sid) return;
    // Sending may be the end of the connection: what is left waits for the next one.
    while (this.#id === sid && this.#buffer.length > 0) this.io.send(this.#buffer.take(1)[0]!.packet);
    this.#queue?.next();
    if (this.#id === sid) this.dispatch("connect", []);
  }

  #join(delivery: SocketDelivery, answer: object): void {
    const joined = delivery.begin(answer);
    // A server of Socket.IO may have said so already.
    this.#recovered ||= joined === "recovered";
    if (!this.#recovered) this.acksIfAny?.abandon(delivery.asked);
    if (joined === "gap") this.dispatch("gap", []);
  }

  #refuse(data: unknown): void {
    this.#active = false;
    const { message, data: details } = refusalOf(data);
    this.dispatch("connect_error", [Object.assign(new Error(message), { data: details })]);
    this.io.release();
  }

  /** Our server says that an event failed, instead of acknowledging it. */
  #failAck(id: number, data: unknown): void {
    if (!this.connected) return;
    const { code, message, data: details } = refusalOf(data);
    const error = new EventError(String(code), message, details);
    if (this.acksIfAny?.fail(id, error) !== true) this.io.onEmitError(error, this.nsp);
  }

  #keepMissed(packet: SocketPacket): void {
    if (this.#missed.length >= MAX_MISSED_EVENTS) {
      throw new PacketError("Too many events before CONNECT.");
    }
    this.#missed.push(packet);
  }

  #end(reason: ClientDisconnectReason, details?: CloseDetails): void {
    this.#id = undefined;
    // Events that were not sent yet keep waiting, and so do their acknowledgements.
    this.#delivery?.end(reason.startsWith("io "));
    this.acksIfAny?.abandon(this.#delivery?.asked ?? this.#buffer.ids);
    this.dispatch("disconnect", details === undefined ? [reason] : [reason, details]);
  }

  #receiveEvent([name, ...args]: unknown[], ackId: number | undefined): void {
    if (ackId !== undefined) args.push(this.#acknowledgement(ackId));
    const last = args.at(-1);
    this.catchIncoming(String(name), args);
    this.dispatch(String(name), args);
    if (this.#pid !== undefined && typeof last === "string") this.#offset = last;
  }

  /** What a listener calls to acknowledge an event: once, and only on the connection on which it came. */
  #acknowledgement(id: number): (...args: unknown[]) => void {
    const connection = this.#id;
    let given = false;
    return (...data) => {
      if (given || this.#id !== connection) return;
      given = true;
      this.io.send(this.#encode("ack", data, id));
    };
  }

  protected override sendEvent(flags: EmitFlags, name: string, args: readonly unknown[]): void {
    if (RESERVED_EVENTS.has(name)) throw new TypeError(`"${name}" is reserved.`);
    const last = args.at(-1);
    const callback = typeof last === "function" ? (last as AckCallback) : undefined;
    const data = [name, ...(callback === undefined ? args : args.slice(0, -1))];
    const timeoutMs = flags.timeoutMs ?? this.#ackTimeoutMs;
    const isVolatile = flags.volatile === true;
    const queue = isVolatile ? undefined : this.#queue;
    const delivery = isVolatile ? undefined : this.#delivery;
    const errorFirst = flags.errorFirst === true || (timeoutMs ?? queue) !== undefined;
    const id = callback === undefined && queue === undefined ? undefined : this.acks.reserve();
    const isDropped = isVolatile && !(this.connected && this.io.bufferedBytes <= VOLATILE_BACKLOG_BYTES);
    const event = isDropped
      ? undefined
      : (delivery?.encode(data, id) ?? { id, packet: this.#encode("event", data, id) });
    const mayWait = !this.connected || (queue ?? delivery) !== undefined;
    if (isDropped && callback === undefined) return;
    if (event === undefined || (mayWait && !this.#hasRoomFor(event))) {
      return this.#refuseEvent(errorFirst ? callback : undefined);
    }
    if (callback !== undefined && queue === undefined) {
      // Whoever asked has given up: it must not be sent later, unless it has a number.
      const giveUp = (): void => (delivery ? delivery.forget(id!) : this.#buffer.remove(id!));
      this.acks.add(callback, errorFirst, timeoutMs, giveUp, id);
    }
    this.catchOutgoing(name, args);
    if (queue !== undefined) {
      // Who gave no callback is not told of errors either, but the manager is.
      const inTheEnd = callback ?? ((error) => error && this.io.onEmitError(error as AckError, this.nsp));
      queue.push({ id: id!, packet: event.packet, timeoutMs, callback: inTheEnd });
      queue.next();
    }
    // A listener may have ended, or made, the connection.
    else if (delivery !== undefined) delivery.push(event);
    else if (this.connected) this.io.send(event.packet);
    else this.#buffer.push(event);
  }

  #hasRoomFor(event: OutgoingEvent): boolean {
    const { maxBufferedEvents = MAX_BUFFERED_EVENTS, maxBufferedBytes = MAX_BUFFERED_BYTES } = this.io.opts;
    return (
      (maxBufferedEvents === 0 || this.bufferedEvents < maxBufferedEvents) &&
      (maxBufferedBytes === 0 || this.bufferedBytes + sizeOf(event) <= maxBufferedBytes)
    );
  }

  /** Too much waits already, or it must not: whoever can be told, is, but not before `emit` returns. */
  #refuseEvent(callback: AckCallback | undefined): void {
    const error = new AckError("buffer_full", "The event can't wait: it is not sent.");
    if (callback === undefined) return this.io.onEmitError(error, this.nsp);
    const id = this.acks.add(callback, true);
    queueMicrotask(() => this.acks.fail(id, error));
  }

  #encode(type: SocketPacketType, data?: unknown, id?: number): EncodedSocketPacket {
    return encodeSocketPacket({ type, namespace: this.nsp, id, data });
  }
}

/** What an answer that refuses something says. */
function refusalOf(data: unknown): { code?: unknown; message: string; data?: unknown } {
  if (typeof data === "string") return { message: data };
  const { code, message, data: details } = data as Record<string, unknown>;
  return { code, message: typeof message === "string" ? message : "refused", data: details };
}
