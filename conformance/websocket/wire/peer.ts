import { isUtf8 } from "node:buffer";
import { must, Unexpected } from "../../lib/verdict.ts";
import { Compressor, type DeflateParameters, Inflater } from "./deflate.ts";
import { describe, describeBytes, describeDifference } from "../../lib/wire/describe.ts";
import {
  closeBody,
  encodeFrame,
  type Frame,
  fragments,
  OPCODE,
  pieces,
  type Role,
} from "../../lib/wire/frame.ts";
import { FrameReader, type Received } from "../../lib/wire/frame-reader.ts";
import type { ByteStream, StreamSink } from "../../lib/wire/stream.ts";

export type Kind = "text" | "binary";

/**
 * The suite's side of an open connection. It sends any bytes at all, reads strictly, and expects:
 * each `expectX` takes the next thing that comes and throws `Unexpected` if it is something else.
 */
export class Peer implements StreamSink {
  readonly role: Role;
  /** Multiplies every `withinMs`. Default: 1. */
  timeScale = 1;
  readonly #stream: ByteStream;
  readonly #deflate: DeflateParameters | undefined;
  readonly #reader: FrameReader;
  readonly #compressor: Compressor;
  readonly #inflater: Inflater;
  readonly #queue: Received[] = [];
  #waiting:
    | { expected: string; resolve: (received: Received) => void; reject: (error: Error) => void }
    | undefined;

  constructor(stream: ByteStream, role: Role, deflate?: DeflateParameters) {
    this.role = role;
    this.#stream = stream;
    this.#deflate = deflate;
    this.#reader = new FrameReader(
      { masked: role === "server", deflate: deflate !== undefined },
      (received) => this.#arrived(received),
    );
    const server = { bits: deflate?.serverMaxWindowBits ?? 15, takeover: !deflate?.serverNoContextTakeover };
    const client = { bits: deflate?.clientMaxWindowBits ?? 15, takeover: !deflate?.clientNoContextTakeover };
    this.#compressor = new Compressor(role === "client" ? client : server);
    this.#inflater = new Inflater(role === "client" ? server : client);
    stream.handTo(this);
  }

  /** What was negotiated about permessage-deflate, if it was. */
  get negotiated(): DeflateParameters | undefined {
    return this.#deflate;
  }

  receiveBytes(bytes: Buffer): void {
    this.#reader.push(bytes);
  }

  receiveEnd(how: "ended" | "reset"): void {
    this.#arrived({ type: "end", how });
  }

  // Sending.

  /** Frames as the bytes this side would write. */
  encode(...frames: readonly Frame[]): Buffer {
    return Buffer.concat(frames.map((frame) => encodeFrame(frame, this.role)));
  }

  /** Sends frames together, in one write. */
  send(...frames: readonly Frame[]): Promise<void> {
    return this.sendAll(frames);
  }

  /** As `send`, for more frames than a call may have arguments. */
  sendAll(frames: readonly Frame[]): Promise<void> {
    return this.sendBytes(Buffer.concat(frames.map((frame) => encodeFrame(frame, this.role))));
  }

  sendBytes(bytes: Uint8Array): Promise<void> {
    return this.#stream.write(bytes);
  }

  /** Sends bytes in pieces of this size, each written apart. */
  sendChopped(bytes: Uint8Array, size: number): Promise<void> {
    return this.#stream.writeApart(pieces(bytes, size));
  }

  /** Compresses one message; with context takeover the next may refer to it, so send it. */
  compress(message: Uint8Array | string): Promise<Buffer> {
    return this.#compressor.compress(Buffer.from(message));
  }

  /** Sends one message compressed, cut into frames of `size` bytes. */
  async sendCompressed(kind: Kind, message: Uint8Array | string, size = Infinity): Promise<void> {
    const bytes = await this.compress(message);
    await this.sendAll(fragments(OPCODE[kind], pieces(bytes, Math.min(size, bytes.length)), 4));
  }

  /** Ends our direction of the stream without a close frame. */
  endStream(): void {
    this.#stream.end();
  }

  // Expecting.

  /** The next thing that comes. */
  async next(expected: string, withinMs?: number): Promise<Received> {
    const received = this.#queue.shift() ?? (await this.#wait(expected, withinMs));
    if (received.type !== "text" && received.type !== "binary") return received;
    const plain = received.compressed ? await this.#inflate(received) : received;
    if (plain.type === "text" && !isUtf8(plain.data)) {
      return { type: "violation", sentence: `text of ${describeBytes(plain.data)}, which is not UTF-8` };
    }
    return plain;
  }

  expectText(message: Uint8Array | string, withinMs?: number): Promise<void> {
    return this.#expectData("text", Buffer.from(message), withinMs);
  }

  expectBinary(message: Uint8Array, withinMs?: number): Promise<void> {
    return this.#expectData("binary", Buffer.from(message), withinMs);
  }

  expectMessage(kind: Kind, message: Uint8Array | string): Promise<void> {
    return this.#expectData(kind, Buffer.from(message));
  }

  expectPong(body: Uint8Array | string = ""): Promise<void> {
    return this.#expectData("pong", Buffer.from(body));
  }

  /** A close frame with one of these codes (`undefined`: without a code). Gives the code. */
  async expectClose(codes: readonly (number | undefined)[], withinMs?: number): Promise<number | undefined> {
    const expected = `close ${codes.map((code) => code ?? "without a code").join(" or ")}`;
    const received = await this.next(expected, withinMs);
    must(received.type === "close" && codes.includes(received.code), expected, describe(received));
    return received.code;
  }

  /** The other side fails the connection with one of these codes, and nothing comes before. */
  async expectFailure(...codes: readonly number[]): Promise<void> {
    await this.expectClose(codes);
  }

  /** The stream ends, either way, and nothing comes before. */
  async expectEnd(withinMs?: number): Promise<void> {
    const received = await this.next("the end of the stream", withinMs);
    must(received.type === "end", "the end of the stream", describe(received));
  }

  /** Closes with 1000 and expects the answer: so nothing else is left that the other side had to say. */
  async finish(): Promise<void> {
    await this.send({ opcode: OPCODE.close, payload: closeBody(1000) });
    const expected = "nothing more, and a close frame that answers ours";
    const received = await this.next(expected);
    must(received.type === "close", expected, describe(received));
  }

  // For the runner.

  /** The time of the case is over: says what it waits for, if it does. */
  giveUp(afterMs: number): Unexpected | undefined {
    if (!this.#waiting) return undefined;
    const error = new Unexpected(this.#waiting.expected, `nothing in ${afterMs} ms`);
    this.#waiting.reject(error);
    return error;
  }

  destroy(): void {
    this.#stream.destroy();
    this.#compressor.destroy();
    this.#inflater.destroy();
  }

  #arrived(received: Received): void {
    if (!this.#waiting) return void this.#queue.push(received);
    const { resolve } = this.#waiting;
    this.#waiting = undefined;
    resolve(received);
  }

  #wait(expected: string, withinMs: number | undefined): Promise<Received> {
    return new Promise((resolve, reject) => {
      const limitMs = (withinMs ?? 0) * this.timeScale;
      const late = (): void => reject(new Unexpected(expected, `nothing in ${limitMs} ms`));
      const timer = withinMs === undefined ? undefined : setTimeout(late, limitMs);
      this.#waiting = {
        expected,
        resolve: (received) => (clearTimeout(timer), resolve(received)),
        reject: (error) => (clearTimeout(timer), reject(error)),
      };
    });
  }

  async #expectData(type: "text" | "binary" | "pong", data: Buffer, withinMs?: number): Promise<void> {
    const expected = `${type} of ${describeBytes(data)}`;
    const received = await this.next(expected, withinMs);
    must(received.type === type, expected, describe(received));
    const difference = received.data.equals(data) ? "" : describeDifference(data, received.data);
    must(difference === "", expected, `${type} of ${difference}`);
  }

  async #inflate(message: Extract<Received, { compressed: boolean }>): Promise<Received> {
    try {
      return { ...message, data: await this.#inflater.inflate(message.data) };
    } catch (error) {
      return {
        type: "violation",
        sentence: `a compressed message that does not inflate (${(error as Error).message})`,
      };
    }
  }
}
