import {
  type EncodedSocketPacket,
  encodeSocketPacket,
  RESERVED_EVENTS,
  type SocketPacket,
  type SocketPacketType,
} from "../packets/index.ts";
import type { Clock } from "../shared/clock.ts";
import type { Emitter } from "../shared/emitter.ts";
import { EventSocket } from "../shared/event-socket.ts";
import type { DefaultEvents, EventArguments, EventMap, EventNames } from "../shared/events.ts";
import type { EmitFlags } from "../shared/flagged-emitter.ts";
import type { Logger } from "../shared/logger.ts";
import type { AckCallback } from "../shared/pending-acks.ts";
import type { Engine } from "./engine.ts";
import type { EngineCloseReason } from "./engine-session.ts";
import type { ManagerEvents } from "./manager-events.ts";
import type { Auth } from "./options.ts";

/** Why a socket is no longer connected, by Socket.IO's names. */
export type ClientDisconnectReason =
  | Exclude<EngineCloseReason, "forced close">
  | "io server disconnect"
  | "io client disconnect";

/** The events of a client's socket that are not the server's. */
export type ClientReservedEvents = {
  connect: () => void;
  /** The server refused, or could not be reached; in the second case another attempt follows. */
  connect_error: (error: Error & { data?: unknown }) => void;
  /** The connection is gone; with the error, if there was one. */
  disconnect: (reason: ClientDisconnectReason, error?: Error) => void;
};

/** What a socket needs of its manager. */
export interface SocketUplink extends Emitter<ManagerEvents> {
  readonly clock: Clock;
  readonly isOpen: boolean;
  readonly engine: Engine;
  readonly bufferedBytes: number;
  connect(): unknown;
  send(packet: EncodedSocketPacket): void;
  /** The socket needs the connection no longer. */
  release(): void;
}

interface BufferedEvent {
  readonly id: number | undefined;
  readonly packet: EncodedSocketPacket;
}

const NO_FLAGS: EmitFlags = {};
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
> extends EventSocket<ListenEvents, EmitEvents, ClientReservedEvents> {
  /** The manager: one connection, shared with the sockets of other namespaces. */
  readonly io: SocketUplink;
  /** What the server gets as `socket.handshake.auth`; may be changed before the next `connect()`. */
  auth: Auth | undefined;
  readonly #namespace: string;
  readonly #logger: Logger;
  #id: string | undefined;
  #active = false;
  /** Stands for the connection on which the namespace is still to be joined. */
  #joining: object | undefined;
  #buffer: BufferedEvent[] = [];

  /** @internal Made by a manager. */
  constructor(namespace: string, auth: Auth | undefined, io: SocketUplink, logger: Logger) {
    super();
    this.io = io;
    this.auth = auth;
    this.#namespace = namespace;
    this.#logger = logger;
  }

  /** The id of this connection, as the server knows it; undefined while not connected. */
  get id(): string | undefined {
    return this.#id;
  }

  get connected(): boolean {
    return this.#id !== undefined;
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
   * and are sent, once and in order, on the next connect. Throws a `TypeError` for a reserved name or a value that JSON
   * can't hold.
   */
  emit<Name extends EventNames<EmitEvents>>(name: Name, ...args: EventArguments<EmitEvents, Name>): this {
    this.sendEvent(NO_FLAGS, name, args);
    return this;
  }

  /** @internal The connection is there: join. */
  onManagerOpen(): void {
    if (!this.#active) return;
    const attempt = {};
    this.#joining = attempt;
    const join = (data: Record<string, unknown> | undefined): void => {
      // By the time an application has found what to give, this connection may be another one's past.
      if (this.#joining !== attempt) return;
      this.#joining = undefined;
      this.io.send(this.#encode("connect", data));
    };
    if (typeof this.auth !== "function") return join(this.auth);
    const fail = (error: unknown): void => {
      this.listenerFailed(error, "auth");
      if (this.#joining !== attempt) return;
      this.#joining = undefined;
      this.#refuse("The option auth failed.");
    };
    try {
      const result: unknown = this.auth(join);
      if (result instanceof Promise) result.catch(fail);
    } catch (error) {
      fail(error);
    }
  }

  /** @internal The connection is gone. */
  onManagerClose(reason: EngineCloseReason, error: Error | undefined): void {
    this.#joining = undefined;
    if (this.connected) this.#end(reason === "forced close" ? "io client disconnect" : reason, error);
  }

  /** @internal The connection could not be made. */
  onManagerError(error: Error): void {
    if (this.#active) this.dispatch("connect_error", [error]);
  }

  /** @internal */
  receivePacket({ type, id, data }: SocketPacket): void {
    switch (type) {
      case "connect":
        this.#start((data as { sid?: unknown } | undefined)?.sid);
        return;
      case "event":
        if (this.connected) this.#receiveEvent(data as unknown[], id);
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
        this.#refuse(data);
    }
  }

  protected override get clock(): Clock {
    return this.io.clock;
  }

  protected override listenerFailed(error: unknown, name: string): void {
    this.#logger.error({ err: error }, `A listener for "${name}" failed.`);
  }

  #start(sid: unknown): void {
    if (typeof sid !== "string") {
      this.#refuse({ message: "The server speaks another version of the protocol." });
      return;
    }
    this.#id = sid;
    const waiting = this.#buffer;
    this.#buffer = [];
    let sent = 0;
    // Sending may be the end of the connection: what is left waits for the next one.
    while (this.#id === sid && sent < waiting.length) this.io.send(waiting[sent++]!.packet);
    this.#buffer = [...waiting.slice(sent), ...this.#buffer];
    if (this.#id === sid) this.dispatch("connect", []);
  }

  #refuse(data: unknown): void {
    this.#active = false;
    const { message, data: details } = (typeof data === "object" && data !== null ? data : {}) as {
      message?: unknown;
      data?: unknown;
    };
    const text = typeof data === "string" ? data : typeof message === "string" ? message : "refused";
    this.dispatch("connect_error", [Object.assign(new Error(text), { data: details })]);
    this.io.release();
  }

  #end(reason: ClientDisconnectReason, error?: Error): void {
    this.#id = undefined;
    // Events that were not sent yet keep waiting, and so do their acknowledgements.
    this.acksIfAny?.abandon(new Set(this.#buffer.map(({ id }) => id).filter((id) => id !== undefined)));
    this.dispatch("disconnect", error === undefined ? [reason] : [reason, error]);
  }

  #receiveEvent([name, ...args]: unknown[], ackId: number | undefined): void {
    if (ackId !== undefined) args.push(this.#acknowledgement(ackId));
    this.catchIncoming(String(name), args);
    this.dispatch(String(name), args);
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
    if (RESERVED_EVENTS.has(name)) throw new TypeError(`"${name}" is reserved: it can't be sent.`);
    const isDropped =
      flags.volatile === true && !(this.connected && this.io.bufferedBytes <= VOLATILE_BACKLOG_BYTES);
    const last = args.at(-1);
    const acknowledge = typeof last === "function" ? (last as AckCallback) : undefined;
    const id = acknowledge === undefined ? undefined : this.#await(acknowledge, flags);
    if (isDropped) return;
    this.catchOutgoing(name, args);
    const packet = this.#encodeEvent([name, ...(acknowledge === undefined ? args : args.slice(0, -1))], id);
    if (this.connected) this.io.send(packet);
    else this.#buffer.push({ id, packet });
  }

  #await(acknowledge: AckCallback, flags: EmitFlags): number {
    const errorFirst = flags.errorFirst === true || flags.timeoutMs !== undefined;
    const id = this.acks.add(acknowledge, errorFirst, flags.timeoutMs, () => {
      // Whoever asked has given up: it must not be sent later.
      this.#buffer = this.#buffer.filter((event) => event.id !== id);
    });
    return id;
  }

  #encodeEvent(data: readonly unknown[], id: number | undefined): EncodedSocketPacket {
    try {
      return this.#encode("event", data, id);
    } catch (error) {
      if (id !== undefined) this.acks.cancel(id);
      throw error;
    }
  }

  #encode(type: SocketPacketType, data?: unknown, id?: number): EncodedSocketPacket {
    return encodeSocketPacket({ type, namespace: this.#namespace, id, data });
  }
}
