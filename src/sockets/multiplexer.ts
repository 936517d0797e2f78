import type {
  KeptRequest,
  PreparedMessage,
  Session,
  SessionCloseReason,
  SessionHandler,
  TransportName,
} from "../engine/index.ts";
import {
  decodeSocketPacket,
  type EncodedSocketPacket,
  encodeSocketPacket,
  isBinaryPacket,
  PacketError,
  type SocketPacket,
} from "../packets/index.ts";
import type { Clock } from "../shared/clock.ts";
import type { Deadlines, Waiting } from "../shared/deadlines.ts";
import { EventError } from "../shared/event-error.ts";
import { BoundedDecoder } from "./bounded-decoder.ts";
import { Connection } from "./connection.ts";
import type { DisconnectDetails } from "./disconnect-reason.ts";
import { type Drained, DrainWatch } from "./drain-watch.ts";
import { type Joining, readJoining } from "./delivery/resume.ts";
import type { SessionLimits } from "./limits.ts";
import { tooManyJoins } from "./rate-limits/rate-limited.ts";
import type { RateLimits } from "./rate-limits/rate-limits.ts";
import { SessionLimiter } from "./rate-limits/session-limiter.ts";
import type { Refusal } from "./refusal.ts";
import type { LinkedSocket, SocketLink } from "./socket-link.ts";
import { Intake, type IntakeHost } from "./turns/intake.ts";
import type { TurnRules } from "./turns/options.ts";

/** A namespace as the multiplexer sees it. */
export interface SocketHost {
  /** Makes a socket that has not joined yet: calls back once, at once or later. */
  createSocket(link: SocketLink, joining: Joining, made: (socket: LinkedSocket) => void): void;
  /** Decides about it: calls back once, at once or later, also if the socket has ended meanwhile. */
  admit(socket: LinkedSocket, decide: (refusal: Refusal | undefined) => void): void;
}

/** What the multiplexers of a server share. */
export interface MultiplexerOptions {
  /** Finds a namespace by its name, or makes it, or says why not: calls back once, at once or later. */
  findNamespace(
    name: string,
    auth: Record<string, unknown> | undefined,
    found: (host: SocketHost | Refusal) => void,
  ): void;
  /** How long clients may stay without having joined a namespace. */
  readonly deadlines: Deadlines;
  readonly clock: Clock;
  readonly limits: SessionLimits;
  readonly rateLimits?: RateLimits | undefined;
  /** There if the events of a socket are handled in order. */
  readonly turns?: TurnRules | undefined;
  /** Whether Socket.IO's clients are told of offsets in their own way. */
  readonly isStockRecovery: boolean;
  /** A listener of the application, on `socket.conn`, failed. */
  onListenerError(error: unknown, event: string): void;
}

/** Beyond this backlog of a session, volatile events are dropped. */
const VOLATILE_BACKLOG_BYTES = 64 * 1024;
const FLOODED: DisconnectDetails = {
  clean: true,
  description: 'the client went on sending although it was refused ("rateLimits.disconnectAfter")',
};
const WANTS_ERRORS = /[?&]errors=1(?:&|$)/;
const WANTS_DELIVERY = /[?&]delivery=1(?:&|$)/;

/** A client that wants to join: its namespace is looked for, or its socket waits for a decision. */
interface Join {
  socket: LinkedSocket | undefined;
  /** The client has left before it was decided: what the application does for it goes on, and counts. */
  isAbandoned: boolean;
}

/** The sockets of one session, by namespace: decides which packet goes where, and which must not come. */
export class Multiplexer implements SessionHandler, SocketLink, IntakeHost, Waiting {
  /** Until when the client must have joined a namespace. */
  dueMs = 0;
  waitingBytes = 0;
  readonly wantsErrors: boolean;
  readonly wantsDelivery: boolean;
  readonly #session: Session;
  readonly #options: MultiplexerOptions;
  /** Most sessions have one socket. */
  #first: LinkedSocket | undefined;
  #others: Map<string, LinkedSocket> | undefined;
  #joins: Map<string, Join> | undefined;
  #abandoned = 0;
  /** Namespaces left by the server's will: the client may not know it yet. */
  #left: Set<string> | undefined;
  /** There while attachments are due. */
  #decoder: BoundedDecoder | undefined;
  #connection: Connection | undefined;
  #drainWatch: DrainWatch | undefined;
  /** There if the rate of what clients send is limited. */
  readonly #limiter: SessionLimiter | undefined;
  readonly intake: Intake | undefined;
  /** Who wants to know of the session's end. */
  #watchers: Set<() => void> | undefined;

  constructor(session: Session, options: MultiplexerOptions) {
    this.wantsErrors = WANTS_ERRORS.test(session.request.url);
    this.wantsDelivery = WANTS_DELIVERY.test(session.request.url);
    this.#session = session;
    this.#options = options;
    const { rateLimits, turns } = options;
    this.#limiter = rateLimits && new SessionLimiter(rateLimits, session.request.address);
    this.intake = turns && new Intake(turns, this);
    options.deadlines.add(this);
    session.handle(this);
  }

  get isWritable(): boolean {
    return this.#session.isOpen && this.#session.bufferedBytes <= VOLATILE_BACKLOG_BYTES;
  }

  get bufferedBytes(): number {
    return this.#session.bufferedBytes;
  }

  get isAsked(): boolean {
    return this.#all().some(({ isAsked }) => isAsked);
  }

  get request(): KeptRequest {
    return this.#session.request;
  }

  get connection(): Connection {
    return (this.#connection ??= new Connection(this.#session, (error, event) =>
      this.#options.onListenerError(error, event),
    ));
  }

  send(packet: SocketPacket, compress?: boolean): void {
    this.sendEncoded(encodeSocketPacket(packet), compress);
  }

  sendEncoded({ text, attachments }: EncodedSocketPacket, compress?: boolean): void {
    this.#session.send(text, attachments, compress);
  }

  sendPrepared(message: PreparedMessage): void {
    this.#session.sendPrepared(message);
  }

  sendLogged(message: PreparedMessage): void {
    this.#session.sendPrepared(message);
  }

  whenDrained(callback: Drained): void {
    if (!this.#session.isOpen) return callback(true);
    this.#drainWatch ??= new DrainWatch(this.#options.clock, () => this.#session.bufferedBytes);
    this.#drainWatch.add(callback);
  }

  whenOver(callback: () => void): () => void {
    if (this.#session.isOpen) (this.#watchers ??= new Set()).add(callback);
    else callback();
    return () => void this.#watchers?.delete(callback);
  }

  endSession(): void {
    this.#session.close();
  }

  pauseReading(): void {
    this.#session.pauseReading();
  }

  resumeReading(): void {
    this.#session.resumeReading();
  }

  leave(socket: LinkedSocket, closeSession: boolean): void {
    const { name } = socket.nsp;
    // A listener that is told of the end of another socket may end this one once more.
    if (this.#find(name) === socket || this.#joins?.get(name)?.socket === socket) {
      this.send({ type: "disconnect", namespace: name, id: undefined, data: undefined });
      this.#joins?.delete(name);
      this.#remove(name);
      this.#noteLeft(name);
    }
    if (!closeSession) return;
    for (const other of this.#all()) other.disconnect();
    this.#session.close();
  }

  receiveText(text: string): void {
    if (this.intake !== undefined) this.intake.packetBytes = text.length;
    if (this.#decoder === undefined && !isBinaryPacket(text)) {
      this.#receive(decodeSocketPacket(text));
      return;
    }
    const packet = this.#attachments().addText(text);
    if (packet !== undefined) this.#receiveWhole(packet);
  }

  receiveBinary(data: Uint8Array): void {
    if (this.intake !== undefined) this.intake.packetBytes += data.length;
    const packet = this.#attachments().addBinary(data);
    if (packet !== undefined) this.#receiveWhole(packet);
  }

  onPong(): void {
    this.#first?.onPong();
    for (const socket of this.#others?.values() ?? []) socket.onPong();
  }

  onDue(): void {
    this.#session.close();
  }

  onTransportChange(name: TransportName): void {
    this.#connection?.onTransportChange(name);
  }

  onClose(reason: SessionCloseReason, clean: boolean, detail: string): void {
    this.#options.deadlines.remove(this);
    this.#drainWatch?.stop();
    for (const tell of this.#watchers ?? []) tell();
    const sockets = this.#all();
    this.#first = undefined;
    this.#others = undefined;
    this.#joins = undefined;
    for (const socket of sockets) socket.end(reason, { clean, description: detail });
    this.#connection?.onClose(reason, detail);
  }

  #attachments(): BoundedDecoder {
    return (this.#decoder ??= new BoundedDecoder(this.#options.limits.maxAttachmentBytes));
  }

  #receiveWhole(packet: SocketPacket): void {
    this.#decoder = undefined;
    this.#receive(packet);
  }

  #receive({ type, namespace, id, data, position }: SocketPacket): void {
    if (position !== undefined && (type !== "event" || !this.wantsDelivery)) {
      throw new PacketError("This packet has no number.");
    }
    if (type === "connect") {
      this.#connect(namespace, data as Record<string, unknown> | undefined);
      return;
    }
    const socket = this.#find(namespace);
    if (socket === undefined) this.#receiveForNobody(type, namespace);
    else if (type === "event") this.#receiveEvent(socket, data as unknown[], id, position);
    else if (type === "ack") {
      if (id === undefined) throw new PacketError("An ACK packet carries an id.");
      socket.receiveAck(id, data as unknown[]);
    } else if (type === "disconnect") {
      this.#remove(namespace);
      socket.end("client namespace disconnect", { clean: true, description: "the client left" });
    } else this.#receiveError(socket, id, data);
  }

  #receiveEvent(
    socket: LinkedSocket,
    event: unknown[],
    id: number | undefined,
    sequence: number | undefined,
  ): void {
    const [name] = event;
    const { maxEventNameLength } = this.#options.limits;
    if (typeof name === "string" && name.length > maxEventNameLength) {
      throw new PacketError(`The name of an event has at most ${maxEventNameLength} characters.`);
    }
    const limiter = this.#limiter;
    if (limiter === undefined) return socket.receiveEvent(event, id, sequence, undefined);
    socket.receiveEvent(event, id, sequence, limiter.socketOf(socket.nsp.name));
    if (limiter.isFlooding) this.#endFlood();
  }

  /** The client went on although it was refused. */
  #endFlood(): void {
    for (const socket of this.#all()) socket.end("rate limit exceeded", FLOODED);
    this.#session.close();
  }

  /** With an id, it stands for an acknowledgement: see docs/protocol/event-errors.md. */
  #receiveError(socket: LinkedSocket, id: number | undefined, data: unknown): void {
    const { code, message, data: more } = (typeof data === "object" ? data : {}) as Record<string, unknown>;
    if (id === undefined || !this.wantsErrors || typeof code !== "string" || typeof message !== "string") {
      throw new PacketError("A client sends no CONNECT_ERROR.");
    }
    socket.receiveAckError(id, new EventError(code, message, more));
  }

  #receiveForNobody(type: SocketPacket["type"], namespace: string): void {
    const join = this.#joins?.get(namespace);
    if (type === "disconnect" && join !== undefined) {
      this.#joins!.delete(namespace);
      join.isAbandoned = true;
      this.#abandoned += 1;
      join.socket?.end("client namespace disconnect", { clean: true, description: "the client left" });
    } else if (this.#left?.has(namespace) !== true) {
      throw new PacketError("A packet came for a namespace that was not joined.");
    }
  }

  #connect(name: string, auth: Record<string, unknown> | undefined): void {
    const { maxNamespaces, maxNamespaceNameLength } = this.#options.limits;
    if (name.length > maxNamespaceNameLength) {
      throw new PacketError(`The name of a namespace has at most ${maxNamespaceNameLength} characters.`);
    }
    if (this.#find(name) !== undefined || this.#joins?.has(name) === true) {
      throw new PacketError("A namespace was joined twice.");
    }
    const retryAfterMs = this.#limiter?.takeJoin() ?? 0;
    if (retryAfterMs > 0) {
      this.#refuse(name, tooManyJoins(retryAfterMs));
      if (this.#limiter?.isFlooding === true) this.#endFlood();
      return;
    }
    if (this.#count() >= maxNamespaces) {
      this.#refuse(name, { message: "Too many namespaces" });
      return;
    }
    const wire = this.wantsDelivery ? "numbered" : this.#options.isStockRecovery ? "trailing" : "none";
    const joining = readJoining(auth, wire);
    const join: Join = { socket: undefined, isAbandoned: false };
    (this.#joins ??= new Map()).set(name, join);
    this.#options.findNamespace(name, joining.auth, (found) => {
      if (!this.#isWaiting(name, join)) return;
      if ("message" in found) this.#decide(name, join, found);
      else found.createSocket(this, joining, (socket) => this.#admit(name, join, found, socket));
    });
  }

  #admit(name: string, join: Join, host: SocketHost, socket: LinkedSocket): void {
    if (!this.#isWaiting(name, join)) {
      const reason = join.isAbandoned ? "client namespace disconnect" : "transport close";
      socket.end(reason, { clean: join.isAbandoned, description: "the client left" });
      return;
    }
    join.socket = socket;
    host.admit(socket, (refusal) => this.#decide(name, join, refusal));
  }

  #decide(name: string, join: Join, refusal: Refusal | undefined): void {
    if (!this.#isWaiting(name, join)) return;
    this.#joins!.delete(name);
    if (this.#joins!.size === 0) this.#joins = undefined;
    if (refusal !== undefined || join.socket === undefined) {
      this.#refuse(name, refusal ?? { message: "Invalid namespace" });
      return;
    }
    this.#options.deadlines.remove(this);
    this.#left?.delete(name);
    if (this.#first === undefined) this.#first = join.socket;
    else (this.#others ??= new Map()).set(name, join.socket);
    join.socket.start();
  }

  /** False if the client has left, or the session ended. */
  #isWaiting(name: string, join: Join): boolean {
    if (join.isAbandoned) this.#abandoned -= 1;
    return this.#joins?.get(name) === join;
  }

  #refuse(namespace: string, { message, data }: Refusal): void {
    this.send({ type: "connect_error", namespace, id: undefined, data: { message, data } });
  }

  #find(name: string): LinkedSocket | undefined {
    return this.#first?.nsp.name === name ? this.#first : this.#others?.get(name);
  }

  #remove(name: string): void {
    if (this.#first?.nsp.name === name) this.#first = undefined;
    else this.#others?.delete(name);
  }

  #all(): LinkedSocket[] {
    const joining = [...(this.#joins?.values() ?? [])].flatMap(({ socket }) => socket ?? []);
    return [
      ...(this.#first === undefined ? [] : [this.#first]),
      ...(this.#others?.values() ?? []),
      ...joining,
    ];
  }

  #count(): number {
    const joined = (this.#first === undefined ? 0 : 1) + (this.#others?.size ?? 0);
    return joined + (this.#joins?.size ?? 0) + this.#abandoned;
  }

  #noteLeft(name: string): void {
    const left = (this.#left ??= new Set());
    left.add(name);
    // What comes late for the one that was left first, is a breach from now on.
    if (left.size > this.#options.limits.maxNamespaces) left.delete([...left][0]!);
  }
}
