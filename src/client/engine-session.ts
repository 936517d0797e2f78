import { encodeEnginePacket, enginePacketType, PacketError, parseOpenPayload } from "../packets/index.ts";
import type { Clock, Timer } from "../shared/clock.ts";
import type { OpenTransport, Transport, TransportSink } from "./transport.ts";

/** The longest that a timer can wait; a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Why a session ended; the last is our own doing. */
export type EngineCloseReason =
  | "transport close"
  | "transport error"
  | "ping timeout"
  | "parse error"
  | "forced close";

/** What the layer above is told about a session. */
export interface EngineSessionHandler {
  /** The handshake is done. */
  onOpen(): void;
  receiveText(text: string): void;
  receiveBinary(data: Uint8Array): void;
  /** Said once, last; also if the session never opened. */
  onClose(reason: EngineCloseReason, error: Error | undefined): void;
}

/** An Engine.IO v4 session as the client sees it: handshake, heartbeat watch, messages both ways. */
export class EngineSession implements TransportSink {
  readonly #handler: EngineSessionHandler;
  readonly #clock: Clock;
  readonly #transport: Transport;
  #state: "opening" | "open" | "closed" = "opening";
  #silenceLimitMs = 0;
  #timer: Timer | undefined;

  /** Connects; gives up if the handshake is not done within `openTimeoutMs`. */
  constructor(
    openTransport: OpenTransport,
    handler: EngineSessionHandler,
    clock: Clock,
    openTimeoutMs: number,
  ) {
    this.#handler = handler;
    this.#clock = clock;
    this.#transport = openTransport(this);
    this.#timer = clock.setTimeout(() => {
      this.#abort("transport error", new Error(`The server did not answer within ${openTimeoutMs} ms.`));
    }, openTimeoutMs);
  }

  /** Bytes accepted and not yet sent. */
  get bufferedBytes(): number {
    return this.#transport.bufferedBytes;
  }

  /** Sends a text and the binary messages that follow it. Only when open. */
  send(text: string, attachments: readonly Uint8Array[]): void {
    if (this.#state !== "open") return;
    this.#transport.sendPacket(encodeEnginePacket("message", text));
    for (const attachment of attachments) this.#transport.sendBinary(attachment);
  }

  /** Ends the session; what was sent before still leaves. */
  close(): void {
    if (this.#state === "open") this.#transport.sendPacket(encodeEnginePacket("close"));
    this.#abort("forced close", undefined);
  }

  onTransportOpen(): void {}

  receivePacket(packet: string): void {
    if (this.#state === "closed") return;
    try {
      const type = enginePacketType(packet);
      if (this.#state === "opening") {
        if (type !== "open") throw new PacketError("The first packet must be an open packet.");
        this.#open(packet.slice(1));
      } else if (type === "message") this.#handler.receiveText(packet.slice(1));
      else if (type === "ping") {
        this.#awaitPing();
        this.#transport.sendPacket(encodeEnginePacket("pong", packet.slice(1)));
      } else if (type === "close") this.#abort("transport close", undefined);
      else if (type !== "noop") throw new PacketError("A server sends no such packet on an open session.");
    } catch (error) {
      if (!(error instanceof PacketError)) throw error;
      this.#abort("parse error", error);
    }
  }

  receiveBinary(data: Uint8Array): void {
    if (this.#state !== "open") return;
    try {
      this.#handler.receiveBinary(data);
    } catch (error) {
      if (!(error instanceof PacketError)) throw error;
      this.#abort("parse error", error);
    }
  }

  onTransportClose(error: Error | undefined): void {
    this.#end(error === undefined ? "transport close" : "transport error", error);
  }

  #open(json: string): void {
    const { pingInterval, pingTimeout } = parseOpenPayload(json);
    this.#state = "open";
    this.#silenceLimitMs = Math.min(pingInterval + pingTimeout, MAX_TIMER_MS);
    this.#awaitPing();
    this.#handler.onOpen();
  }

  /** A server that is there pings in time; if it doesn't, the connection is dead although nobody said so. */
  #awaitPing(): void {
    this.#timer?.cancel();
    this.#timer = this.#clock.setTimeout(() => {
      this.#abort("ping timeout", new Error(`No ping came within ${this.#silenceLimitMs} ms.`));
    }, this.#silenceLimitMs);
  }

  #abort(reason: EngineCloseReason, error: Error | undefined): void {
    if (this.#state === "closed") return;
    // In this order: a transport may report its end while it is being closed, and that is not the reason.
    this.#end(reason, error);
    this.#transport.close();
  }

  #end(reason: EngineCloseReason, error: Error | undefined): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#timer?.cancel();
    this.#handler.onClose(reason, error);
  }
}
