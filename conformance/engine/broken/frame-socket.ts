import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { closeBody, encodeFrame, OPCODE } from "../../lib/wire/frame.ts";
import { FrameReader, type Received } from "../../lib/wire/frame-reader.ts";

/** The server's side of a WebSocket, as plain as can be. */
export class FrameSocket {
  /** Hears each message; a string is text. */
  onMessage: (data: string | Buffer) => void = () => {};
  /** Hears once that it is over. */
  onEnd: () => void = () => {};
  readonly #stream: Duplex;
  #closed = false;
  #ended = false;

  private constructor(stream: Duplex) {
    this.#stream = stream;
    const reader = new FrameReader({ masked: true, deflate: false }, (received) => this.#receive(received));
    stream.on("data", (bytes: Buffer) => reader.push(bytes));
    stream.on("error", () => stream.destroy());
    stream.on("end", () => stream.end());
    stream.on("close", () => this.#end());
  }

  /** Answers an opening request with 101. */
  static accept(request: IncomingMessage, stream: Duplex): FrameSocket {
    const key = request.headers["sec-websocket-key"] ?? "";
    const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
    const fields = `Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}`;
    stream.write(`HTTP/1.1 101 Switching Protocols\r\n${fields}\r\n\r\n`);
    return new FrameSocket(stream);
  }

  send(data: string | Buffer): void {
    this.#write(typeof data === "string" ? OPCODE.text : OPCODE.binary, data);
  }

  close(code = 1000): void {
    if (this.#closed) return;
    this.#write(OPCODE.close, closeBody(code));
    this.#closed = true;
    this.#stream.end();
    this.#end();
  }

  destroy(): void {
    this.#closed = true;
    this.#stream.destroy();
  }

  #write(opcode: number, payload: string | Buffer): void {
    if (!this.#closed && this.#stream.writable)
      this.#stream.write(encodeFrame({ opcode, payload }, "server"));
  }

  #receive(received: Received): void {
    if (this.#closed) return;
    if (received.type === "text") this.onMessage(received.data.toString());
    else if (received.type === "binary") this.onMessage(received.data);
    else if (received.type === "ping") this.#write(OPCODE.pong, received.data);
    else if (received.type === "close") this.close(received.code);
    else if (received.type === "violation") this.close(1002);
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.onEnd();
  }
}
