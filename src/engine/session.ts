import { encodeEnginePacket, enginePacketType, PacketError } from "../packets/index.ts";
import type { Clock, Timer } from "../shared/clock.ts";
import type { PreparedMessage } from "./prepared-message.ts";
import type { Transport, TransportCloseReason, TransportSink } from "./transport.ts";

/** What is kept of the request that began a session. */
export interface SessionRequest {
  /** The request's path and query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The peer's address as the operating system knows it. */
  readonly address: string;
  /** Whether it came over TLS. */
  readonly secure: boolean;
  /** When, in milliseconds since 1970. */
  readonly issuedAtMs: number;
}

/** Why a session ended. */
export type SessionCloseReason =
  | "transport close"
  | "transport error"
  | "ping timeout"
  | "parse error"
  | "forced close"
  | "server shutting down";

/** What the layer above is told about a session. */
export interface SessionHandler {
  receiveText(text: string): void;
  receiveBinary(data: Uint8Array): void;
  /** Said once, last. `clean` means that one of the two sides said goodbye. */
  onClose(reason: SessionCloseReason, clean: boolean, detail: string): void;
}

/** One client, as the layer above sees it: an id, messages both ways, an end. */
export interface Session {
  /** 20 unguessable characters. */
  readonly id: string;
  readonly request: SessionRequest;
  readonly transportName: string;
  /** Bytes accepted for sending and not yet taken by the operating system. */
  readonly bufferedBytes: number;
  readonly isOpen: boolean;
  /** Sets who is told; must be called in the turn in which the session is handed over. */
  handle(handler: SessionHandler): void;
  /** Sends a text and the binary messages that follow it. */
  send(text: string, attachments?: readonly Uint8Array[]): void;
  /** Sends a message that many sessions get. */
  sendPrepared(message: PreparedMessage): void;
  /** Ends the session. What was sent before still leaves. */
  close(reason?: SessionCloseReason): void;
}

/** The heartbeat of Engine.IO v4. */
export interface HeartbeatOptions {
  readonly pingIntervalMs: number;
  readonly pingTimeoutMs: number;
}

const WIRE_CLOSE_REASONS: Readonly<Record<SessionCloseReason, TransportCloseReason>> = {
  "transport close": "normal",
  "transport error": "normal",
  "ping timeout": "normal",
  "parse error": "invalid data",
  "forced close": "normal",
  "server shutting down": "going away",
};

/** What a session tells the one who made it. */
export interface SessionOwner {
  /** The session is over: its id means nothing any more. */
  onSessionEnd(): void;
  /** Its transport is gone as well. */
  onTransportGone(): void;
}

/** A session over a transport; made by the engine's server. */
export class TransportSession implements Session, TransportSink {
  readonly id: string;
  readonly request: SessionRequest;
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #heartbeat: HeartbeatOptions;
  readonly #owner: SessionOwner;
  #handler: SessionHandler | undefined;
  #timer: Timer | undefined;
  #open = true;
  #failure: string | undefined;

  constructor(
    id: string,
    request: SessionRequest,
    transport: Transport,
    clock: Clock,
    heartbeat: HeartbeatOptions,
    owner: SessionOwner,
  ) {
    this.id = id;
    this.request = request;
    this.#transport = transport;
    this.#clock = clock;
    this.#heartbeat = heartbeat;
    this.#owner = owner;
  }

  get transportName(): string {
    return this.#transport.name;
  }

  get bufferedBytes(): number {
    return this.#transport.bufferedBytes;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  handle(handler: SessionHandler): void {
    this.#handler = handler;
  }

  /** Sends the open packet and starts the heartbeat. */
  start(openPayload: string): void {
    this.#transport.sendPacket(encodeEnginePacket("open", openPayload));
    this.#awaitPingTime();
    // Last: a client that did not wait for the open packet may have said enough already to end the session.
    this.#transport.start(this);
  }

  send(text: string, attachments?: readonly Uint8Array[]): void {
    if (!this.#open) return;
    this.#transport.sendPacket(encodeEnginePacket("message", text));
    if (attachments !== undefined) {
      for (const attachment of attachments) this.#transport.sendBinary(attachment);
    }
  }

  sendPrepared(message: PreparedMessage): void {
    if (this.#open) this.#transport.sendPrepared(message);
  }

  close(reason: SessionCloseReason = "forced close"): void {
    if (!this.#open) return;
    this.#transport.close(WIRE_CLOSE_REASONS[reason]);
    this.#end(reason, true, "closed by the server");
  }

  receivePacket(digitCode: number, data: string): void {
    if (!this.#open) return;
    try {
      switch (enginePacketType(String.fromCharCode(digitCode))) {
        case "message":
          this.#handler?.receiveText(data);
          return;
        case "pong":
          this.#awaitPingTime();
          return;
        case "close":
          this.#transport.close("normal");
          this.#end("transport close", true, "closed by the client");
          return;
        default:
          throw new PacketError("A client sends no such packet on an open session.");
      }
    } catch (error) {
      if (!(error instanceof PacketError)) throw error;
      this.#fail(error);
    }
  }

  receiveBinary(data: Uint8Array): void {
    if (!this.#open) return;
    try {
      this.#handler?.receiveBinary(data);
    } catch (error) {
      if (!(error instanceof PacketError)) throw error;
      this.#fail(error);
    }
  }

  onTransportError(error: Error): void {
    this.#failure ??= error.message;
  }

  onTransportClose(clean: boolean, detail: string): void {
    const failure = this.#failure;
    if (failure === undefined) this.#end("transport close", clean, detail);
    else this.#end("transport error", false, failure);
    this.#owner.onTransportGone();
  }

  /** The one place where a packet that breaks the rules ends a session. */
  #fail(error: PacketError): void {
    this.#transport.close("invalid data");
    this.#end("parse error", false, error.message);
  }

  #awaitPingTime(): void {
    this.#timer?.cancel();
    this.#timer = this.#clock.setTimeout(() => {
      this.#transport.sendPacket(encodeEnginePacket("ping"));
      this.#awaitPong();
    }, this.#heartbeat.pingIntervalMs);
  }

  #awaitPong(): void {
    this.#timer = this.#clock.setTimeout(() => {
      // The peer is not there to finish a close handshake.
      this.#transport.destroy();
      this.#end("ping timeout", false, "no pong came in time");
    }, this.#heartbeat.pingTimeoutMs);
  }

  #end(reason: SessionCloseReason, clean: boolean, detail: string): void {
    if (!this.#open) return;
    this.#open = false;
    this.#timer?.cancel();
    this.#owner.onSessionEnd();
    this.#handler?.onClose(reason, clean, detail);
  }
}
