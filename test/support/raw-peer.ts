import type { Socket } from "node:net";
import { frame, type FrameOptions, OPCODE, type ReceivedFrame, takeFrame } from "./wire-frames.ts";

/** The head of an HTTP message: its first line, and its headers by lower-case names. */
export interface HttpHead {
  readonly firstLine: string;
  /** The status of a response; NaN for a request. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * One end of a TCP connection that says exactly what it is told to, byte for byte, and reads what comes as an HTTP head
 * followed by frames. Nothing is answered by itself.
 */
export class RawPeer {
  readonly stream: Socket;
  readonly #masks: boolean;
  #received: Buffer = Buffer.alloc(0);
  #ended = false;
  #closed = false;
  #error: Error | undefined;
  #waiting: (() => void)[] = [];

  /** `masks` says whether frames sent by the shorthands are masked, as a client's are. */
  constructor(stream: Socket, masks: boolean) {
    this.stream = stream;
    this.#masks = masks;
    stream.setNoDelay(true);
    stream.on("data", (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
    stream.on("end", () => {
      this.#ended = true;
      this.#wake();
    });
    stream.on("error", (error) => {
      this.#error = error;
    });
    stream.on("close", () => {
      this.#closed = true;
      this.#wake();
    });
  }

  /** Writes bytes as they are; resolves when the operating system has taken them (or the stream is gone). */
  send(bytes: string | Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.stream.write(bytes, () => resolve());
    });
  }

  /** Writes bytes one at a time, each in a segment of its own where the system allows it. */
  async sendByteByByte(bytes: string | Uint8Array): Promise<void> {
    for (const byte of Buffer.from(bytes)) await this.send(Buffer.of(byte));
  }

  /** Sends a frame, masked as this side's role wants it unless told otherwise. */
  sendFrame(opcode: number, payload?: string | Uint8Array, options?: FrameOptions): Promise<void> {
    return this.send(frame(opcode, payload, this.#masks ? options : { mask: false, ...options }));
  }

  sendText(text: string | Uint8Array, options?: FrameOptions): Promise<void> {
    return this.sendFrame(OPCODE.text, text, options);
  }

  sendBinary(bytes: Uint8Array, options?: FrameOptions): Promise<void> {
    return this.sendFrame(OPCODE.binary, bytes, options);
  }

  /** The head of the HTTP message at the front of what came. */
  async head(): Promise<HttpHead> {
    const end = await this.#until("the end of an HTTP head", () => {
      const at = this.#received.indexOf("\r\n\r\n");
      return at < 0 ? undefined : at;
    });
    const [firstLine = "", ...lines] = this.#received.toString("latin1", 0, end).split("\r\n");
    this.#received = this.#received.subarray(end + 4);
    const headers: Record<string, string> = {};
    for (const line of lines) {
      const colon = line.indexOf(":");
      headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
    }
    return { firstLine, status: Number(/^HTTP\/1\.1 (\d{3})/.exec(firstLine)?.[1]), headers };
  }

  /** The next `length` bytes of what came, as text. */
  async text(length: number): Promise<string> {
    await this.#until(`${length} bytes`, () => (this.#received.length < length ? undefined : true));
    const text = this.#received.toString("utf8", 0, length);
    this.#received = this.#received.subarray(length);
    return text;
  }

  /** The next frame; rejects if the connection ends first. */
  async nextFrame(): Promise<ReceivedFrame> {
    const taken = await this.#until("a frame", () => takeFrame(this.#received));
    this.#received = taken.rest;
    return taken.frame;
  }

  /** Bytes that came and have not been asked for. */
  get unread(): Buffer {
    return this.#received;
  }

  /** Resolves when the other side has ended its direction (or the connection is gone). */
  ended(): Promise<void> {
    return this.#wait(() => this.#ended || this.#closed);
  }

  /** Resolves when the connection is gone: `ended` if the other side said so first, else `reset`. */
  async closed(): Promise<"ended" | "reset"> {
    await this.#wait(() => this.#closed);
    return this.#ended && this.#error === undefined ? "ended" : "reset";
  }

  /** Ends our direction. */
  end(): void {
    this.stream.end();
  }

  /** Drops the connection. */
  destroy(): void {
    this.stream.destroy();
  }

  async #until<Value>(what: string, look: () => Value | undefined): Promise<Value> {
    let found: Value | undefined;
    await this.#wait(() => {
      found = look();
      return found !== undefined || this.#ended || this.#closed;
    });
    if (found !== undefined) return found;
    const hex = this.#received.subarray(0, 64).toString("hex");
    throw new Error(`The connection ended before ${what} came; unread: "${hex}".`, { cause: this.#error });
  }

  async #wait(done: () => boolean): Promise<void> {
    while (!done()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
