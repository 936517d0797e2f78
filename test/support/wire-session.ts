import type { PreparedMessage, Session, SessionHandler, SessionRequest } from "../../src/engine/index.ts";
import type { SessionCloseReason } from "../../src/engine/index.ts";

/** What is on its way to a client. */
export type OnWire = string | Uint8Array | typeof PING | typeof END;
export const PING: unique symbol = Symbol("ping");
export const END: unique symbol = Symbol("end");

/** A session without a network, whose client takes what it was sent when a test wants it. */
export class WireSession implements Session {
  readonly id = "session";
  readonly transportName = "websocket";
  readonly request: SessionRequest;
  handler: SessionHandler | undefined;
  isOpen = true;
  /** Whether it hands nothing over: what the client sends meanwhile has to wait, which is the test's to do. */
  isPaused = false;
  onResume: (() => void) | undefined;
  /** Beyond it the session ends, as with `maxBufferedBytes`. */
  maxBytes = Infinity;
  reason: SessionCloseReason | undefined;
  readonly #wire: OnWire[] = [];
  #bytes = 0;

  constructor(query = "") {
    this.request = { url: `/?${query}`, headers: {}, address: "", secure: false, issuedAtMs: 0 };
  }

  get bufferedBytes(): number {
    return this.#bytes;
  }

  /** How much the client has not taken. */
  get waiting(): number {
    return this.#wire.length;
  }

  handle(handler: SessionHandler): void {
    this.handler = handler;
  }

  send(text: string, attachments: readonly Uint8Array[] = []): void {
    if (!this.isOpen) return;
    for (const message of [text, ...attachments]) {
      if (this.#bytes + message.length > this.maxBytes) {
        this.close("transport error");
        return;
      }
      this.#bytes += message.length;
      this.#wire.push(message);
    }
  }

  sendBinary(data: Uint8Array): void {
    this.send("", [data]);
  }

  sendPrepared({ text, attachments }: PreparedMessage): void {
    this.send(text, attachments);
  }

  pauseReading(): void {
    this.isPaused = true;
  }

  resumeReading(): void {
    if (!this.isPaused) return;
    this.isPaused = false;
    this.onResume?.();
  }

  ping(): void {
    if (this.isOpen) this.#wire.push(PING);
  }

  close(reason: SessionCloseReason = "forced close"): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.reason = reason;
    this.#wire.push(END);
    this.handler?.onClose(reason, reason === "forced close", "");
  }

  /** The next thing that comes to the client. */
  take(): OnWire | undefined {
    const next = this.#wire.shift();
    if (typeof next === "string" || next instanceof Uint8Array) this.#bytes -= next.length;
    return next;
  }
}
