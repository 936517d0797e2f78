import type { Duplex } from "node:stream";
import { MESSAGE_DIGIT_CODE } from "../../packets/index.ts";
import { Connection, type ConnectionHandler } from "../../websocket/connection.ts";
import type { ConnectionOptions } from "../../websocket/connection.ts";
import { PreparedMessage as PreparedFrame } from "../../websocket/prepared-message.ts";
import { SharedFrames } from "../../websocket/shared-frames.ts";
import type { PreparedMessage } from "../prepared-message.ts";
import type { TransportCloseReason, TransportSink, UpgradeTransport } from "../transport.ts";

const CLOSE_CODES: Readonly<Record<TransportCloseReason, number | undefined>> = {
  normal: undefined,
  "going away": 1001,
  "invalid data": 1002,
  released: undefined,
};

/** Engine.IO v4 over WebSocket: one packet a message; text begins with its digit, binary is a message of its own. */
export class WebSocketTransport implements UpgradeTransport, ConnectionHandler {
  readonly #connection: Connection;
  /** What came behind the handshake; a view of the whole chunk, which must not be kept. */
  #head: Buffer | undefined;
  #sink: TransportSink | undefined;

  /** `stream` has just completed its opening handshake, `head` is what came behind it. */
  constructor(stream: Duplex, head: Buffer, options: ConnectionOptions) {
    this.#connection = new Connection(stream, options, this);
    this.#head = head;
  }

  get name(): "websocket" {
    return "websocket";
  }

  get bufferedBytes(): number {
    return this.#connection.bufferedBytes;
  }

  start(sink: TransportSink): void {
    this.#sink = sink;
    const head = this.#head!;
    this.#head = undefined;
    this.#connection.start(head);
  }

  redirect(sink: TransportSink): void {
    this.#sink = sink;
  }

  pause(): void {
    this.#connection.pause();
  }

  resume(): void {
    this.#connection.resume();
  }

  sendPacket(packet: string): void {
    this.#connection.sendText(packet);
  }

  sendBinary(data: Uint8Array): void {
    this.#connection.sendMessage(data, false);
  }

  sendPrepared(message: PreparedMessage): void {
    this.#connection.sendFrames(message.encoding("websocket", encodeFrames));
  }

  close(reason: TransportCloseReason): void {
    this.#connection.close(CLOSE_CODES[reason]);
  }

  destroy(): void {
    this.#connection.destroy();
  }

  receiveMessage(bytes: Buffer, start: number, end: number, isText: boolean, isAscii: boolean): void {
    const sink = this.#sink!;
    if (!isText) {
      // The chunk may be large and the user may keep the message: it gets bytes of its own.
      sink.receiveBinary(Buffer.from(bytes.subarray(start, end)));
    } else if (start === end) {
      sink.receivePacket(0, "");
    } else {
      const data = isAscii ? bytes.latin1Slice(start + 1, end) : bytes.utf8Slice(start + 1, end);
      sink.receivePacket(bytes[start]!, data);
    }
  }

  receivePing(): void {}

  receivePong(): void {}

  onDrain(): void {}

  onError(error: Error): void {
    const { code } = error as { code?: unknown };
    this.#sink?.onTransportError(error, code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH");
  }

  onClose(code: number): void {
    this.#sink?.onTransportClose(code !== 1006, `the WebSocket closed with ${code}`);
  }
}

function encodeFrames(message: PreparedMessage): SharedFrames {
  const text = Buffer.from(String.fromCharCode(MESSAGE_DIGIT_CODE) + message.text);
  let frames = new PreparedFrame(text, true, false).plain;
  for (const attachment of message.attachments) {
    frames = new SharedFrames([frames, new PreparedFrame(attachment, false, false).plain]);
  }
  return frames;
}
