/** What a transport reports to its session, in order. */
export interface TransportSink {
  /** Packets may be sent. */
  onTransportOpen(): void;
  /** A packet that is text: its digit and its data. */
  receivePacket(packet: string): void;
  /** A binary message. */
  receiveBinary(data: Uint8Array): void;
  /** The transport is gone; said once. With an error if it failed and was not closed. */
  onTransportClose(error: Error | undefined): void;
}

/** A way to carry the packets of one session. */
export interface Transport {
  /** Bytes accepted and not yet sent. */
  readonly bufferedBytes: number;
  /** Sends a packet that is text: its digit and its data. */
  sendPacket(packet: string): void;
  /** Sends a binary message. */
  sendBinary(data: Uint8Array): void;
  /** Closes politely: what was sent before still leaves. */
  close(): void;
}

/** Opens a transport; the sink is told what becomes of it, never before this returns. */
export type OpenTransport = (sink: TransportSink) => Transport;
