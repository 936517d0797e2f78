import type { Duplex } from "node:stream";
import { MESSAGE_DIGIT_CODE } from "../../packets/index.ts";
import { Connection, type ConnectionHandler } from "../../websocket/connection.ts";
import type { ConnectionOptions } from "../../websocket/connection.ts";
import { PreparedMessage as PreparedFrame } from "../../websocket/prepared-message.ts";
import { SharedFrames } from "../../websocket/shared-frames.ts";
import type { PreparedMessage } from "../prepared-message.ts";
import type { TransportCloseReason, TransportSink, Transport } from "../transport.ts";

const CLOSE_CODES: Readonly<Record<TransportCloseReason, number | undefined>> = {
  normal: undefined,
  "going away": 1001,
  "invalid data": 1002,
  released: undefined,
};

/** Engine.IO v4 over WebSocket: one packet a message; text begins with its digit, binary is a message of its own. */
export class WebSocketTransport implements Transport, ConnectionHandler {
  readonly #connection: Connection;
  /** Shorter messages are not compressed; undefined if none are. */
  readonly #threshold: number | undefined;
  /** What came behind the handshake; a view of the whole chunk, which must not be kept. */
  #head: Buffer | undefined;
  #sink: TransportSink | undefined;

  /** `answer` is what `stream` is still to get to complete its opening handshake, `head` is what came behind that. */
  constructor(stream: Duplex, answer: string, head: Buffer, options: ConnectionOptions) {
    this.#connection = new Connection(stream, options, this);
    this.#connection.sendAnswer(answer);
    this.#threshold = options.deflate?.settings.thresholdBytes;
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

  sendPacket(packet: string, compress = true): void {
    const threshold = this.#threshold;
    this.#connection.sendText(
      packet,
      threshold !== undefined && compress && Buffer.byteLength(packet) >= threshold,
    );
  }

  sendBinary(data: Uint8Array, compress = true): void {
    const threshold = this.#threshold;
    this.#connection.sendMessage(
      data,
      false,
      threshold !== undefined && compress && data.length >= threshold,
    );
  }

  sendPrepared(message: PreparedMessage): void {
    if (this.#threshold === undefined || !message.mayCompress) {
      this.#connection.sendFrames(message.encoding("websocket", encodeFrames));
      return;
    }
    for (const frame of message.encoding("websocket deflate", prepareFrames)) {
      this.#connection.sendPrepared(frame);
    }
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

/** The messages, each of which keeps its encoding for each window that was agreed on. */
function prepareFrames({ text, attachments, mayCompress }: PreparedMessage): readonly PreparedFrame[] {
  const first = Buffer.from(String.fromCharCode(MESSAGE_DIGIT_CODE) + text);
  return [
    new PreparedFrame(first, true, mayCompress),
    ...attachments.map((attachment) => new PreparedFrame(attachment, false, mayCompress)),
  ];
}

/** All of them in one, for connections that don't compress. */
function encodeFrames(message: PreparedMessage): SharedFrames {
  return prepareFrames(message)
    .map(({ plain }) => plain)
    .reduce((frames, next) => new SharedFrames([frames, next]));
}
