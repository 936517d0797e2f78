import type { Message } from "../../packets/index.ts";
import type { Endpoint } from "../endpoint.ts";
import type { SessionWebSocket, WebSocketSink } from "../platform.ts";
import type { SessionFacts } from "../session-facts.ts";
import type { Transport, TransportSink } from "../transport.ts";

/** Engine.IO v4 over WebSocket: one packet a message; text begins with its digit, binary is a message of its own. */
export class WebSocketTransport implements Transport, WebSocketSink {
  readonly kind = "websocket";
  sink: TransportSink | undefined;
  readonly #socket: SessionWebSocket;

  constructor(endpoint: Endpoint, facts: SessionFacts, sink: TransportSink) {
    this.sink = sink;
    const url = endpoint.url("ws", facts.query("websocket", facts.link?.move));
    this.#socket = endpoint.platform.openWebSocket(url, endpoint.headers, this);
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  send(packet: Message): void {
    this.#socket.send(packet);
  }

  close(): void {
    this.sink = undefined;
    this.#socket.close();
  }

  destroy(): void {
    this.close();
  }

  onOpen(): void {
    this.sink?.onTransportOpen?.();
  }

  receiveText(text: string): void {
    this.sink?.receive(text);
  }

  receiveBinary(data: Uint8Array): void {
    this.sink?.receive(data);
  }

  onClose(error: Error | undefined, context?: unknown): void {
    this.sink?.onTransportClose(error, context);
  }
}
