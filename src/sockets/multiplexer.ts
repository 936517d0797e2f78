import type { PreparedMessage, Session, SessionCloseReason, SessionHandler } from "../engine/index.ts";
import { encodeSocketPacket, PacketError, type SocketPacket, SocketPacketDecoder } from "../packets/index.ts";
import type { Clock, Timer } from "../shared/clock.ts";
import type { DisconnectDetails, DisconnectReason } from "./disconnect-reason.ts";
import type { Handshake } from "./handshake.ts";
import { handshakeOf } from "./handshake.ts";

/** A socket's way to its client. */
export interface SocketLink {
  /** Whether what is sent now leaves now; if not, volatile events are dropped. */
  readonly isWritable: boolean;
  send(packet: SocketPacket): void;
  sendPrepared(message: PreparedMessage): void;
  /** The socket has left its namespace by the server's will; with `closeSession` all the others must too. */
  leave(closeSession: boolean): void;
}

/** A socket as its session's multiplexer sees it. */
export interface LinkedSocket {
  /** Tells the client and the application that the socket is there. */
  start(): void;
  receiveEvent(args: unknown[], ackId: number | undefined): void;
  receiveAck(ackId: number, args: unknown[]): void;
  /** The socket leaves its namespace by the server's will. */
  disconnect(): void;
  /** The socket is gone: the client left, or the session ended. */
  end(reason: DisconnectReason, details?: DisconnectDetails): void;
}

/** A namespace as the multiplexer sees it. */
export interface SocketHost {
  createSocket(link: SocketLink, handshake: Handshake): LinkedSocket;
}

/** What the multiplexers of a server share. */
export interface MultiplexerOptions {
  /** Finds a namespace by its name. */
  readonly findNamespace: (name: string) => SocketHost | undefined;
  /** How long a client may stay without having joined a namespace. */
  readonly connectTimeoutMs: number;
  readonly clock: Clock;
}

/** Beyond this backlog of a session, volatile events are dropped. */
const VOLATILE_BACKLOG_BYTES = 64 * 1024;

/** The sockets of one session, by namespace: decides which packet goes where, and which must not come. */
export class Multiplexer implements SessionHandler {
  readonly #session: Session;
  readonly #options: MultiplexerOptions;
  readonly #decoder = new SocketPacketDecoder();
  readonly #sockets = new Map<string, LinkedSocket>();
  /** Namespaces left by the server's will: the client may not know it yet. */
  #left: Set<string> | undefined;
  #connectTimer: Timer | undefined;

  constructor(session: Session, options: MultiplexerOptions) {
    this.#session = session;
    this.#options = options;
    this.#connectTimer = options.clock.setTimeout(() => session.close(), options.connectTimeoutMs);
    session.handle(this);
  }

  receiveText(text: string): void {
    const packet = this.#decoder.addText(text);
    if (packet !== undefined) this.#receive(packet);
  }

  receiveBinary(data: Uint8Array): void {
    const packet = this.#decoder.addBinary(data);
    if (packet !== undefined) this.#receive(packet);
  }

  onClose(reason: SessionCloseReason, clean: boolean, detail: string): void {
    this.#connectTimer?.cancel();
    const sockets = [...this.#sockets.values()];
    this.#sockets.clear();
    for (const socket of sockets) socket.end(reason, { clean, description: detail });
  }

  #receive({ type, namespace, id, data }: SocketPacket): void {
    if (type === "connect") {
      this.#connect(namespace, (data ?? {}) as Record<string, unknown>);
      return;
    }
    const socket = this.#sockets.get(namespace);
    if (socket === undefined) {
      if (this.#left?.has(namespace) === true) return;
      throw new PacketError(`A packet came for a namespace that was not joined.`);
    }
    if (type === "event") socket.receiveEvent(data as unknown[], id);
    else if (type === "ack") this.#receiveAck(socket, id, data as unknown[]);
    else if (type === "disconnect") {
      this.#sockets.delete(namespace);
      socket.end("client namespace disconnect", { clean: true, description: "the client left" });
    } else throw new PacketError("A client sends no CONNECT_ERROR.");
  }

  #receiveAck(socket: LinkedSocket, id: number | undefined, args: unknown[]): void {
    if (id === undefined) throw new PacketError("An ACK packet carries an id.");
    socket.receiveAck(id, args);
  }

  #connect(name: string, auth: Record<string, unknown>): void {
    if (this.#sockets.has(name)) throw new PacketError("A namespace was joined twice.");
    const host = this.#options.findNamespace(name);
    if (host === undefined) {
      this.#send({
        type: "connect_error",
        namespace: name,
        id: undefined,
        data: { message: "Invalid namespace" },
      });
      return;
    }
    this.#connectTimer?.cancel();
    this.#connectTimer = undefined;
    this.#left?.delete(name);
    const socket = host.createSocket(this.#linkTo(name), handshakeOf(this.#session.request, auth));
    this.#sockets.set(name, socket);
    socket.start();
  }

  #linkTo(name: string): SocketLink {
    const session = this.#session;
    return {
      get isWritable() {
        return session.isOpen && session.bufferedBytes <= VOLATILE_BACKLOG_BYTES;
      },
      send: (packet) => this.#send(packet),
      sendPrepared: (message) => session.sendPrepared(message),
      leave: (closeSession) => this.#leave(name, closeSession),
    };
  }

  #leave(name: string, closeSession: boolean): void {
    this.#send({ type: "disconnect", namespace: name, id: undefined, data: undefined });
    this.#sockets.delete(name);
    (this.#left ??= new Set()).add(name);
    if (!closeSession) return;
    for (const socket of [...this.#sockets.values()]) socket.disconnect();
    this.#session.close();
  }

  #send(packet: SocketPacket): void {
    const { text, attachments } = encodeSocketPacket(packet);
    this.#session.send(text, attachments);
  }
}
