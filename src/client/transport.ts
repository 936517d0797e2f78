import type { Message } from "../packets/index.ts";

/** The ways to carry packets, as the wire and `engine.transport.name` call them. */
export type TransportKind = "websocket" | "sse" | "polling";

/** What a transport reports, in order. */
export interface TransportSink {
  /** Packets may be sent; only a WebSocket says so. */
  onTransportOpen?(): void;
  /** A packet that is text, its digit and its data, or a binary message. */
  receive(packet: Message): void;
  /** In a link: the server has received the first `count` messages. */
  onUploaded?(count: number): void;
  /** The transport is gone; said once. With an error if it failed and was not closed, and with what the platform says of its end. */
  onTransportClose(error: Error | undefined, context?: unknown): void;
}

/** A way to carry the packets of one session. */
export interface Transport {
  readonly kind: TransportKind;
  /** Who is told; undefined for nobody. Whoever takes the transport over puts himself here. */
  sink: TransportSink | undefined;
  /** Bytes accepted and not yet sent. */
  readonly bufferedBytes: number;
  /** Sends a packet that is text, its digit and its data, or a binary message. */
  send(packet: Message): void;
  /** Stops, and calls `then` once nothing is under way. Only polling can: what is not given can't be left. */
  pause?(then: () => void): void;
  /** Goes on after {@link pause}. */
  resume?(): void;
  /** Closes politely: what was sent before still leaves. Nothing is reported any more. */
  close(): void;
  /** Closes now. Nothing is reported any more. */
  destroy(): void;
}

/** An error that says more of the session than that its transport is gone. */
export interface TransportError extends Error {
  /** Whether the server does not know the session. */
  readonly isUnknownSession?: boolean;
  /** How long the server wants to be left alone, in milliseconds. */
  readonly retryAfterMs?: number;
}
