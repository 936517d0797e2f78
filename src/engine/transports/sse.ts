import { encodeEnginePacket, encodePayloadPacket, MESSAGE_DIGIT_CODE } from "../../packets/index.ts";
import { base64 } from "../base64.ts";
import type { Exchange, StreamedAnswer } from "../exchange.ts";
import { PreparedMessage } from "../prepared-message.ts";
import type { WaitingPacket } from "../transport.ts";
import { NOOP_PACKET, RequestBased } from "./request-based.ts";

/** Only links know this transport: an event stream down, with an id for each message, and POSTs up. */
export class SseTransport extends RequestBased {
  readonly name = "sse";
  #exchange: Exchange | undefined;
  #stream: StreamedAnswer | undefined;
  /** The number of the message that was sent last. */
  #number = 0;

  override get bufferedBytes(): number {
    return super.bufferedBytes + (this.#stream?.bufferedBytes ?? 0);
  }

  releaseRequest(): void {}

  protected get isCarried(): boolean {
    return this.#stream !== undefined;
  }

  protected override get takesNow(): boolean {
    const { maxBufferedBytes } = this.options;
    return (
      this.#stream !== undefined && (maxBufferedBytes === 0 || this.#stream.bufferedBytes <= maxBufferedBytes)
    );
  }

  protected receiveGet(exchange: Exchange): void {
    const isFirst = exchange.query("sid") === undefined;
    const known = isFirst ? 0 : this.acknowledge(exchange);
    if (known === undefined) return;
    // A new stream means that the old one was not read: what waits there is of no use.
    this.dropUnread();
    this.release([NOOP_PACKET]);
    this.#exchange = exchange;
    exchange.onAbort = () => {
      this.#letGo();
      this.onCut("an event stream");
    };
    this.#number = known;
    this.#stream = exchange.stream();
    // So that the head of the answer leaves, and proxies see that something comes.
    this.#stream.write(":\n\n");
    this.renew(isFirst);
  }

  protected carry(packets: readonly WaitingPacket[]): void {
    let events = "";
    for (const packet of packets) events += this.#encode(packet);
    this.#stream!.write(events);
  }

  protected release(last: readonly WaitingPacket[]): void {
    const stream = this.#stream;
    const exchange = this.#exchange;
    if (stream === undefined || exchange === undefined) return;
    this.carry(last);
    this.#letGo();
    stream.end();
    this.leave(exchange, stream.bufferedBytes);
  }

  protected override dropUnread(): void {
    super.dropUnread();
    if ((this.#stream?.bufferedBytes ?? 0) === 0) return;
    const exchange = this.#exchange;
    this.#letGo();
    exchange?.destroy();
  }

  #letGo(): void {
    if (this.#exchange !== undefined) this.#exchange.onAbort = undefined;
    this.#exchange = undefined;
    this.#stream = undefined;
  }

  #encode(packet: WaitingPacket): string {
    if (packet instanceof PreparedMessage) {
      let events = "";
      for (const data of packet.encoding("events", encodePrepared)) events += this.#numbered(data);
      return events;
    }
    const data = dataLine(packet);
    const isMessage = typeof packet !== "string" || packet.charCodeAt(0) === MESSAGE_DIGIT_CODE;
    return isMessage ? this.#numbered(data) : `${data}\n`;
  }

  #numbered(data: string): string {
    this.#number += 1;
    return `${data}id:${this.#number}\n\n`;
  }
}

function encodePrepared({ text, attachments }: PreparedMessage): readonly string[] {
  return [encodeEnginePacket("message", text), ...attachments].map(dataLine);
}

/** A packet as the data of an event; a line break in it would end the line. */
function dataLine(packet: string | Uint8Array): string {
  const text = encodePayloadPacket(packet, base64);
  return `data:${/[\n\r]/.test(text) ? JSON.stringify(text) : text}\n`;
}
