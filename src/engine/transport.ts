import type { PacketError } from "../packets/index.ts";
import type { Exchange } from "./exchange.ts";
import type { PreparedMessage } from "./prepared-message.ts";

/** What a transport reports to its session, in order. */
export interface TransportSink {
  /** A packet that is text: its digit and its data. */
  receivePacket(digitCode: number, data: string): void;
  /** A binary message. */
  receiveBinary(data: Uint8Array): void;
  /** What came can't be read; the session ends. */
  fail(error: PacketError): void;
  /**
   * Links only: the client says that it has received `count` messages, `undefined` if it does not say.
   * Returns how many it is known to have. Throws `PacketError` for an acknowledgement that can't be.
   */
  receiveAck(count: number | undefined): number;
  /**
   * Links only: the client has a new request or stream, and the transport has dropped what it still had: all
   * is to be sent again.
   */
  onRenewed(): void;
  /**
   * Links only: a body begins with the message of this number. Returns how many messages at its beginning
   * are known already. Throws `PacketError` for a gap.
   */
  receiveSequence(first: number): number;
  /** Links only: the way to the client was cut; a request may renew it. */
  onTransportLost(): void;
  /** The transport is gone; said once. `clean` means that the peer said goodbye, `detail` is for people. */
  onTransportClose(clean: boolean, detail: string): void;
  /**
   * The transport failed, or the peer broke its rules; {@link onTransportClose} follows. `isTooLong`: a message was longer than what is
   * taken, and would be over any other transport.
   */
  onTransportError(error: Error, isTooLong?: boolean): void;
}

/**
 * Why a session tells its transport to close, as far as the peer may see it. `released`: the peer has said
 * goodbye or has another transport, and is not told of an end.
 */
export type TransportCloseReason = "normal" | "going away" | "invalid data" | "released";

/** The ways, by the names that stand in a query. */
export type TransportName = "websocket" | "polling" | "sse";

/** A way to carry the packets of one session. */
export interface Transport {
  readonly name: TransportName;
  /** Bytes accepted and not yet taken by the operating system. */
  readonly bufferedBytes: number;
  /** Begins to report to its session. Called once. */
  start(sink: TransportSink): void;
  /** From now on reports to another sink. */
  redirect(sink: TransportSink): void;
  /**
   * Reports no packets until {@link resume}, and makes the peer wait before it can send much more; sending goes on. On a WebSocket not even that
   * the peer has left is noticed, unless something that is sent to it fails. May be called before {@link start}. A close ends it.
   */
  pause(): void;
  /** Ends {@link pause}: goes on with what has come meanwhile. */
  resume(): void;
  /** Sends a packet that is text: its digit and its data. `compress` false: not compressed by itself. */
  sendPacket(packet: string, compress?: boolean): void;
  /** Sends a binary message. */
  sendBinary(data: Uint8Array, compress?: boolean): void;
  /** Sends a message that many sessions get. */
  sendPrepared(message: PreparedMessage): void;
  /** Closes politely: what was sent before still leaves. */
  close(reason: TransportCloseReason): void;
  /** Ends at once. */
  destroy(): void;
}

/** What waits on a transport, as it was handed over. */
export type WaitingPacket = string | Uint8Array | PreparedMessage;

/** A transport that lives on requests. */
export interface RequestTransport extends Transport {
  /** Takes a request that has the session's `sid`, or the one that began it. */
  receiveExchange(exchange: Exchange): void;
  /** Lets a held request go, so that the client is free to leave for another transport. */
  releaseRequest(): void;
  /** Calls back when no body is being received any more: at once, or later. */
  whenReceived(callback: () => void): void;
  /** Gives away what has not been sent yet. */
  takeWaiting(): readonly WaitingPacket[];
}
