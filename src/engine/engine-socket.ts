import { Emitter } from "../shared/emitter.ts";
import type { KeptRequest } from "./request-check.ts";
import type { Session, SessionCloseReason, SessionHandler } from "./session-contract.ts";
import type { TransportName } from "./transport.ts";

/** A packet as the events of an {@link EngineSocket} tell it. */
export interface EnginePacket {
  readonly type: "message" | "ping" | "pong";
  readonly data?: string | Uint8Array;
  /** Of packets that are sent. */
  readonly options?: Required<EngineSendOptions>;
}

/** The events of an {@link EngineSocket}. */
export type EngineSocketEvents = {
  /** A message: a string, or bytes that are the listener's to keep. */
  message: (data: string | Uint8Array, isBinary: boolean) => void;
  /** Same as `message`. */
  data: (data: string | Uint8Array, isBinary: boolean) => void;
  /** A packet came: a message, before `message` is told, or a pong. */
  packet: (packet: EnginePacket) => void;
  /** A packet is sent: a message, one for each attachment, or a ping. */
  packetCreate: (packet: EnginePacket) => void;
  /** The client has answered a ping. */
  heartbeat: () => void;
  /** The session goes on over another transport. */
  upgrade: (transport: { readonly name: TransportName }) => void;
  /** Said once, last. The description is for people. */
  close: (reason: SessionCloseReason, description: string) => void;
};

/** Who keeps sockets. */
export interface EngineSocketOwner {
  onSocketGone(socket: EngineSocket): void;
  /** A listener threw, or rejected. */
  onListenerError(error: unknown, event: string): void;
}

/** How a message is sent. */
export interface EngineSendOptions {
  /** False: it is not compressed on a WebSocket, though `perMessageDeflate` was agreed on. Default true. */
  compress?: boolean;
}

/** What is sent: text, or bytes. */
export type EngineData = string | ArrayBuffer | ArrayBufferView;

/**
 * A session with engine.io's face: events in, `send` out. Made for those who listen to a server's `connection`.
 *
 * @example
 * server.on("connection", (socket) => {
 *   socket.on("message", (data, isBinary) => socket.send(data));
 *   socket.on("close", (reason) => console.log(socket.id, reason));
 * });
 */
export class EngineSocket extends Emitter<EngineSocketEvents> implements SessionHandler {
  /** The session below. Its `handle` takes over from the events, for those who want each message without one. */
  readonly session: Session;
  readonly #owner: EngineSocketOwner;
  readonly #next: SessionHandler | undefined;

  /** `next` is told as well, and is the one whose failures count. */
  constructor(session: Session, next: SessionHandler | undefined, owner: EngineSocketOwner) {
    super();
    this.session = session;
    this.#owner = owner;
    this.#next = next;
    session.handle(this);
  }

  /** What the client names itself with: whoever knows it can take its place. */
  get id(): string {
    return this.session.id;
  }

  /** What is kept of the request that began the session; `raw` is the request itself, with the option `keepRequest`. */
  get request(): KeptRequest {
    return this.session.request;
  }

  // Programs for engine.io set it to null to let the request go: nothing is kept here that they would have to.
  set request(_nothing: KeptRequest | null) {}

  /** The client's address: the peer's, or what proxies that are trusted say (`trustProxy`). */
  get remoteAddress(): string {
    return this.session.request.address;
  }

  /** The transport that carries the session right now. */
  get transport(): { readonly name: TransportName } {
    return { name: this.session.transportName };
  }

  /** Whether messages can still come and go. */
  get readyState(): "open" | "closed" {
    return this.session.isOpen ? "open" : "closed";
  }

  /** Bytes that wait for the client. */
  get bufferedBytes(): number {
    return this.session.bufferedBytes;
  }

  /** Sends a message; nothing happens if the session has ended. */
  send(data: EngineData, { compress = true }: EngineSendOptions = {}): this {
    if (typeof data === "string") this.session.send(data, undefined, compress);
    else this.session.sendBinary(bytesOf(data), compress);
    return this;
  }

  /** Same as {@link send}. */
  write(data: EngineData, options?: EngineSendOptions): this {
    return this.send(data, options);
  }

  /** Ends the session; what was sent before still leaves. */
  close(): this {
    this.session.close();
    return this;
  }

  protected override listenerFailed(error: unknown, name: string): void {
    this.#owner.onListenerError(error, name);
  }

  /** @internal */
  receiveText(text: string): void {
    EngineSocket.#tellMessage(this, text, false);
    this.#next?.receiveText(text);
  }

  /** @internal */
  receiveBinary(data: Uint8Array): void {
    EngineSocket.#tellMessage(this, data, true);
    this.#next?.receiveBinary(data);
  }

  /** @internal */
  onPong(): void {
    if (this.listenerCount("packet") > 0) this.dispatch("packet", [{ type: "pong" }]);
    this.dispatch("heartbeat", []);
    this.#next?.onPong?.();
  }

  /** @internal */
  onSend(type: "message" | "ping", data: string | Uint8Array | undefined, compress: boolean): void {
    if (this.listenerCount("packetCreate") > 0) {
      const packet = { type, ...(data !== undefined && { data }), options: { compress } };
      this.dispatch("packetCreate", [packet]);
    }
    this.#next?.onSend?.(type, data, compress);
  }

  /** @internal */
  onTransportChange(name: TransportName): void {
    this.dispatch("upgrade", [{ name }]);
    this.#next?.onTransportChange?.(name);
  }

  /** @internal */
  onClose(reason: SessionCloseReason, clean: boolean, detail: string): void {
    this.#owner.onSocketGone(this);
    this.dispatch("close", [reason, detail]);
    this.#next?.onClose(reason, clean, detail);
  }

  /** Static: with a private method each object has a field more. */
  static #tellMessage(socket: EngineSocket, data: string | Uint8Array, isBinary: boolean): void {
    if (socket.listenerCount("packet") > 0) socket.dispatch("packet", [{ type: "message", data }]);
    socket.dispatchTwo("message", data, isBinary);
    socket.dispatchTwo("data", data, isBinary);
  }
}

function bytesOf(data: ArrayBuffer | ArrayBufferView): Uint8Array {
  if (data instanceof Uint8Array) return data;
  return data instanceof ArrayBuffer
    ? new Uint8Array(data)
    : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
