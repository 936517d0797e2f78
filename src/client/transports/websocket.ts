import type { Platform, PlatformWebSocket, WebSocketSink } from "../platform.ts";
import type { Transport, TransportSink } from "../transport.ts";

/** Engine.IO v4 over WebSocket: one packet a message; text begins with its digit, binary is a message of its own. */
export class WebSocketTransport implements Transport, WebSocketSink {
  readonly #sink: TransportSink;
  readonly #socket: PlatformWebSocket;

  /** `url` is the server's, with the query of the handshake. */
  constructor(
    platform: Platform,
    url: string,
    headers: Readonly<Record<string, string>>,
    sink: TransportSink,
  ) {
    this.#sink = sink;
    this.#socket = platform.openWebSocket(url, headers, this);
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  sendPacket(packet: string): void {
    this.#socket.send(packet);
  }

  sendBinary(data: Uint8Array): void {
    this.#socket.send(data);
  }

  close(): void {
    this.#socket.close();
  }

  onOpen(): void {
    this.#sink.onTransportOpen();
  }

  receiveText(text: string): void {
    this.#sink.receivePacket(text);
  }

  receiveBinary(data: Uint8Array): void {
    this.#sink.receiveBinary(data);
  }

  onClose(error: Error | undefined): void {
    this.#sink.onTransportClose(error);
  }
}
