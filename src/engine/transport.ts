import type { Exchange } from "./exchange.ts";
import type { PreparedMessage } from "./prepared-message.ts";

/** What a transport reports to its session, in order. */
export interface TransportSink {
  /** A packet that is text: its digit and its data. */
  receivePacket(digitCode: number, data: string): void;
  /** A binary message. */
  receiveBinary(data: Uint8Array): void;
  /** Links only: the client is there, whatever it says. */
  onSignOfLife(): void;
  /**
   * Links only: the client has a new request or stream for what we send, and has received `ack` messages. The transport has dropped what it
   * still had; what is not acknowledged is to be sent again. Throws `PacketError` for an acknowledgement that can't be.
   */
  onRenewed(ack: number): void;
  /**
   * Links only: a body begins with the message of this number. Returns how many messages at its beginning are known already. Throws `PacketError` for a gap.
   */
  receiveSequence(first: number): number;
  /** The transport is gone; said once. `clean` means that the peer said goodbye, `detail` is for people. */
  onTransportClose(clean: boolean, detail: string): void;
  /** The transport failed, or the peer broke its rules; {@link onTransportClose} follows. */
  onTransportError(error: Error): void;
}

/** Why a session tells its transport to close, as far as the peer may see it. */
export type TransportCloseReason = "normal" | "going away" | "invalid data";

/** The ways, by the names that stand in a query. */
export type TransportName = "websocket" | "polling" | "sse";

/** A way to carry the packets of one session. */
export interface Transport {
  readonly name: TransportName;
  /** Bytes accepted and not yet taken by the operating system. */
  readonly bufferedBytes: number;
  /** Begins to report to its session. Called once. */
  start(sink: TransportSink): void;
  /** Sends a packet that is text: its digit and its data. */
  sendPacket(packet: string): void;
  /** Sends a binary message. */
  sendBinary(data: Uint8Array): void;
  /** Sends a message that many sessions get. Links are sent its parts, as they must count them. */
  sendPrepared(message: PreparedMessage): void;
  /** Closes politely: what was sent before still leaves. */
  close(reason: TransportCloseReason): void;
  /** Ends at once. */
  destroy(): void;
}

/** A transport that lives on requests. */
export interface RequestTransport extends Transport {
  /** Takes a request that has the session's `sid`, or the one that began it. */
  receiveExchange(exchange: Exchange): void;
}
