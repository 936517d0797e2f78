import type { PreparedMessage } from "./prepared-message.ts";

/** What a transport reports to its session, in order. */
export interface TransportSink {
  /** A packet that is text: its digit and its data. */
  receivePacket(digitCode: number, data: string): void;
  /** A binary message. */
  receiveBinary(data: Uint8Array): void;
  /** The transport is gone; said once. `clean` means that the peer said goodbye, `detail` is for people. */
  onTransportClose(clean: boolean, detail: string): void;
  /** The transport failed, or the peer broke its rules; {@link onTransportClose} follows. */
  onTransportError(error: Error): void;
}

/** Why a session tells its transport to close, as far as the peer may see it. */
export type TransportCloseReason = "normal" | "going away" | "invalid data";

/** A way to carry the packets of one session. */
export interface Transport {
  readonly name: "websocket";
  /** Bytes accepted and not yet taken by the operating system. */
  readonly bufferedBytes: number;
  /** Begins to report to its session. Called once. */
  start(sink: TransportSink): void;
  /** Sends a packet that is text: its digit and its data. */
  sendPacket(packet: string): void;
  /** Sends a binary message. */
  sendBinary(data: Uint8Array): void;
  /** Sends a message that many sessions get. */
  sendPrepared(message: PreparedMessage): void;
  /** Closes politely: what was sent before still leaves. */
  close(reason: TransportCloseReason): void;
  /** Ends at once. */
  destroy(): void;
}
