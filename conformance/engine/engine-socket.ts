import { isUtf8 } from "node:buffer";
import { must, Unexpected } from "../lib/verdict.ts";
import { describe, describeBytes, describeDifference } from "../lib/wire/describe.ts";
import { closeBody, encodeFrame, type Frame, OPCODE } from "../lib/wire/frame.ts";
import { FrameReader, type Received } from "../lib/wire/frame-reader.ts";
import type { ByteStream, StreamSink } from "../lib/wire/stream.ts";
import type { Waits } from "./waits.ts";
import { describePacket, TYPE } from "./wire/packets.ts";

/** What arrived, and when. */
export type Arrival = Received & { at: number };

/** The suite's side of a WebSocket that carries packets: it sends any, reads strictly, and expects one thing at a time. */
export class EngineSocket implements StreamSink {
  /** Whether pings are answered and kept out of sight. Default: true. */
  answersPings = true;
  /** When the last pong was sent, if one was. */
  pongedAt: number | undefined;
  readonly #stream: ByteStream;
  readonly #waits: Waits;
  readonly #reader: FrameReader;
  readonly #queue: Arrival[] = [];
  #wake: ((arrival: Arrival) => void) | undefined;
  #sentClose = false;

  constructor(stream: ByteStream, waits: Waits) {
    this.#stream = stream;
    this.#waits = waits;
    this.#reader = new FrameReader({ masked: false, deflate: false }, (received) => this.#receive(received));
    stream.handTo(this);
  }

  receiveBytes(bytes: Buffer): void {
    this.#reader.push(bytes);
  }

  receiveEnd(how: "ended" | "reset"): void {
    this.#receive({ type: "end", how });
  }

  // Sending.

  /** Sends text as a text message, bytes as a binary one; several go in one write. */
  send(...messages: readonly (string | Uint8Array)[]): Promise<void> {
    return this.sendFrames(
      ...messages.map((payload) => ({
        opcode: typeof payload === "string" ? OPCODE.text : OPCODE.binary,
        payload,
      })),
    );
  }

  sendFrames(...frames: readonly Frame[]): Promise<void> {
    return this.#stream.write(Buffer.concat(frames.map((frame) => encodeFrame(frame, "client"))));
  }

  pong(): Promise<void> {
    this.pongedAt = performance.now();
    return this.send(TYPE.pong);
  }

  /** Begins the closing handshake. */
  close(code = 1000): Promise<void> {
    this.#sentClose = true;
    return this.sendFrames({ opcode: OPCODE.close, payload: closeBody(code) });
  }

  destroy(): void {
    this.#stream.destroy();
  }

  // Expecting.

  /** The next thing that comes, but for pings that were answered. */
  next(expected: string): Promise<Arrival> {
    const arrival = this.#queue.shift();
    if (arrival) return Promise.resolve(arrival);
    const coming = new Promise<Arrival>((resolve) => {
      this.#wake = resolve;
    });
    return this.#waits.on(expected, coming);
  }

  /** A text message that is exactly this packet. Gives when it came. */
  async expectPacket(packet: string): Promise<number> {
    const expected = `the packet ${describePacket(packet)}`;
    const arrival = await this.next(expected);
    const got = arrival.type === "text" ? describePacket(arrival.data.toString()) : describe(arrival);
    must(arrival.type === "text" && arrival.data.toString() === packet, expected, got);
    return arrival.at;
  }

  async expectBinary(bytes: Uint8Array): Promise<void> {
    const expected = `binary of ${describeBytes(bytes)}`;
    const arrival = await this.next(expected);
    must(arrival.type === "binary", expected, describe(arrival));
    const same = arrival.data.equals(bytes);
    must(same, expected, same ? "" : `binary of ${describeDifference(bytes, arrival.data)}`);
  }

  /** Sends a message and has it back. */
  async echo(data: string | Uint8Array): Promise<void> {
    const packet = typeof data === "string" ? TYPE.message + data : data;
    await this.send(packet);
    await (typeof packet === "string" ? this.expectPacket(packet) : this.expectBinary(packet));
  }

  /**
   * The server closes, with a close frame or by ending the stream, and says nothing more. A packet `1` before is
   * allowed. Gives when it did and with which code.
   */
  async expectClosed(): Promise<{ at: number; code: number | undefined }> {
    const expected = "the end of the WebSocket";
    let arrival = await this.next(expected);
    if (arrival.type === "text" && arrival.data.toString() === TYPE.close)
      arrival = await this.next(expected);
    must(arrival.type === "close" || arrival.type === "end", expected, describe(arrival));
    return { at: arrival.at, code: arrival.type === "close" ? arrival.code : undefined };
  }

  async expectCloseCode(code: number): Promise<void> {
    const arrival = await this.next(`close ${code}`);
    must(arrival.type === "close" && arrival.code === code, `close ${code}`, describe(arrival));
  }

  /** Nothing has come that was not asked for. Only what the server did before counts. */
  expectQuiet(): void {
    const arrival = this.#queue[0];
    if (arrival) throw new Unexpected("nothing more on the WebSocket", describe(arrival));
  }

  #receive(received: Received): void {
    const arrival = { ...received, at: performance.now() };
    if (received.type === "text" && !isUtf8(received.data)) {
      const sentence = `text of ${describeBytes(received.data)}, which is not UTF-8`;
      return this.#deliver({ type: "violation", sentence, at: arrival.at });
    }
    if (received.type === "close") this.#answerClose(received.code);
    const isPing = received.type === "text" && received.data.toString("latin1") === TYPE.ping;
    if (isPing && this.answersPings) return void this.pong();
    this.#deliver(arrival);
  }

  #answerClose(code: number | undefined): void {
    if (!this.#sentClose) {
      this.#sentClose = true;
      const payload = code === undefined ? "" : closeBody(code);
      void this.sendFrames({ opcode: OPCODE.close, payload });
    }
    this.#stream.end();
  }

  #deliver(arrival: Arrival): void {
    const wake = this.#wake;
    this.#wake = undefined;
    if (wake) wake(arrival);
    else this.#queue.push(arrival);
  }
}
