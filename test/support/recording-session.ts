import type { CloseDetails, EngineCloseReason, SessionHandler } from "../../src/client/session.ts";
import type { TransportKind } from "../../src/client/transport.ts";
import type { EnginePacketType, Message } from "../../src/packets/index.ts";

/** Keeps what a session of the client tells. */
export class RecordingSession implements SessionHandler {
  readonly received: Message[] = [];
  /** Everything else: what happened, in order. */
  readonly events: string[] = [];
  /** The transports, one after the other. */
  readonly kinds: TransportKind[] = [];
  end: { readonly reason: EngineCloseReason; readonly error: Error | undefined } | undefined;

  get isOpen(): boolean {
    return this.kinds.length > 0 && this.end === undefined;
  }

  onOpen(kind: TransportKind): void {
    this.kinds.push(kind);
    this.events.push("open");
  }

  receivePacket(type: EnginePacketType, data: Message): void {
    if (type === "message") this.received.push(data);
  }

  onTransport(kind: TransportKind): void {
    this.kinds.push(kind);
  }

  onLinkEvent(name: "interrupted" | "resumed" | "reconnect_scheduled", attempt?: number): void {
    this.events.push(name === "reconnect_scheduled" ? `pause ${attempt}` : name);
  }

  onClose(reason: EngineCloseReason, details: CloseDetails | undefined): void {
    this.end = { reason, error: details instanceof Error ? details : undefined };
  }
}
