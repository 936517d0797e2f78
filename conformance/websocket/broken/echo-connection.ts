import { isUtf8 } from "node:buffer";
import type { Socket } from "node:net";
import { applyMask, closeBody, encodeFrame, isCloseCode, OPCODE, type Role } from "../../lib/wire/frame.ts";
import { type Compression, MessageTooLong } from "./compression.ts";
import type { FaultName } from "./faults.ts";
import { Utf8Checker } from "./utf8-checker.ts";

export interface EchoOptions {
  role: Role;
  fault: FaultName | undefined;
  maxPayloadBytes: number;
  compression: Compression | undefined;
  /** Hears every message before it is echoed. */
  onMessage?: (data: Buffer) => void;
}

interface Frame {
  fin: boolean;
  rsv: number;
  opcode: number;
  key: Buffer | undefined;
  payload: Buffer;
  filled: number;
}

interface Message {
  opcode: number;
  compressed: boolean;
  parts: Buffer[];
  bytes: number;
  checker: Utf8Checker;
}

/** The peer broke a rule: the connection is closed with this code. */
class Failure extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** One open connection that echoes, with at most one fault. Written for clarity; it reads whole frames. */
export class EchoConnection {
  readonly #socket: Socket;
  readonly #options: EchoOptions;
  readonly #header: Buffer = Buffer.alloc(14);
  #headerFilled = 0;
  #frame: Frame | undefined;
  #message: Message | undefined;
  #heldPongs: Buffer[] = [];
  #closed = false;

  constructor(socket: Socket, options: EchoOptions) {
    this.#socket = socket;
    this.#options = options;
  }

  receive(chunk: Buffer): void {
    try {
      for (let at = 0; at < chunk.length && !this.#deaf;) at += this.#take(chunk.subarray(at));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.#fail(error);
    }
    if (this.#has("segment-is-frame")) {
      this.#headerFilled = 0;
      this.#frame = undefined;
    }
  }

  #has(fault: FaultName): boolean {
    return this.#options.fault === fault;
  }

  get #deaf(): boolean {
    return this.#closed && !this.#has("talks-after-close");
  }

  /** Takes one byte of a header, or as much payload as there is; gives how many bytes it took. */
  #take(bytes: Buffer): number {
    let taken = 1;
    if (!this.#frame) {
      this.#header[this.#headerFilled++] = bytes[0]!;
      this.#frame = this.#parseHeader();
    } else {
      taken = bytes.copy(this.#frame.payload, this.#frame.filled);
      this.#fill(this.#frame, taken);
    }
    if (this.#frame && this.#frame.filled === this.#frame.payload.length) {
      const frame = this.#frame;
      this.#frame = undefined;
      this.#headerFilled = 0;
      if (frame.opcode >= 8) this.#receiveControl(frame);
      else this.#receiveData(frame);
    }
    return taken;
  }

  #parseHeader(): Frame | undefined {
    if (this.#headerFilled < 2) return undefined;
    const first = this.#header[0]!;
    const second = this.#header[1]!;
    const short = second & 127;
    const lengthBytes = short === 127 ? 8 : short === 126 ? 2 : 0;
    const end = 2 + lengthBytes + (second > 127 ? 4 : 0);
    if (this.#headerFilled < end) return undefined;
    let length = lengthBytes === 0 ? short : lengthBytes === 2 ? this.#header.readUInt16BE(2) : 0;
    if (lengthBytes === 8) length = Number(this.#header.readBigUInt64BE(2));
    if (this.#has("loses-at-65536")) length %= 65536;

    const frame = { fin: first > 127, rsv: (first >> 4) & 7, opcode: first & 15, filled: 0 };
    this.#checkHeader(frame, second > 127, length, lengthBytes);
    const key = second > 127 ? Buffer.from(this.#header.subarray(end - 4, end)) : undefined;
    return { ...frame, key, payload: Buffer.alloc(length) };
  }

  #checkHeader(
    { fin, rsv, opcode }: Pick<Frame, "fin" | "rsv" | "opcode">,
    masked: boolean,
    length: number,
    lengthBytes: number,
  ): void {
    const compressed = this.#options.compression !== undefined;
    const control = opcode >= 8;
    const rsv1Allowed = compressed && (opcode === 1 || opcode === 2 || this.#has("rsv1-anywhere"));
    const known = opcode <= 2 || (opcode >= 8 && opcode <= 10);
    const minimal = lengthBytes === 0 || length > (lengthBytes === 2 ? 125 : 65535);
    if (rsv & (rsv1Allowed ? 3 : 7) && !this.#has("ignores-rsv"))
      throw new Failure(1002, "reserved bits are set");
    if (!known && !this.#has("ignores-opcodes")) throw new Failure(1002, `the opcode ${opcode} is reserved`);
    const rightlyMasked = masked === (this.#options.role === "server");
    if (!rightlyMasked && !this.#has("accepts-unmasked"))
      throw new Failure(1002, "clients mask their frames, servers never");
    if (!minimal && !this.#has("non-minimal-length") && !this.#has("loses-at-65536")) {
      throw new Failure(1002, "the length could be shorter");
    }
    if (length >= 2 ** 63) throw new Failure(1002, "the length's first bit is set");
    if (control && !fin && !this.#has("fragmented-control"))
      throw new Failure(1002, "a control frame is fragmented");
    if (control && length > 125 && !this.#has("long-ping"))
      throw new Failure(1002, "a control frame is too long");
    if (opcode === 0 && !this.#message && !this.#has("stray-continuation"))
      throw new Failure(1002, "nothing to continue");
    if ((opcode === 1 || opcode === 2) && this.#message && !this.#has("message-inside-message")) {
      throw new Failure(1002, "a message inside another");
    }
    const before = this.#has("no-limit") ? 0 : (this.#message?.bytes ?? 0);
    if (before + length > this.#options.maxPayloadBytes) throw new Failure(1009, "the message is too long");
    if (known && !control) this.#begin(opcode, (rsv & 4) !== 0 && compressed);
  }

  /** The message that the frame begins or continues. */
  #begin(opcode: number, compressed: boolean): void {
    if (opcode === 0 && this.#message) return;
    const checker = new Utf8Checker(this.#has("accepts-surrogates"));
    this.#message = { opcode: opcode || OPCODE.text, compressed, parts: [], bytes: 0, checker };
  }

  #fill(frame: Frame, count: number): void {
    const { filled, key, payload } = frame;
    if (key) applyMask(payload.subarray(filled, filled + count), key, filled);
    frame.filled += count;
    if (frame.opcode <= 2) this.#checkText(payload.subarray(filled, frame.filled));
  }

  #checkText(bytes: Uint8Array): void {
    const message = this.#message!;
    const later = this.#has("no-utf8") || this.#has("late-utf8") || this.#has("utf8-each-fragment");
    if (message.opcode !== OPCODE.text || message.compressed || later) return;
    if (!message.checker.push(bytes)) throw new Failure(1007, "the text is not UTF-8");
  }

  #receiveData({ opcode, fin, payload }: Frame): void {
    if (opcode > 2) return;
    const message = this.#message!;
    const { compression } = this.#options;
    if (this.#has("utf8-each-fragment") && message.opcode === 1 && !isUtf8(payload))
      throw new Failure(1007, "not UTF-8");
    const perFragment = compression && message.compressed && this.#has("inflates-fragments");
    message.parts.push(perFragment ? this.#inflate(compression, payload) : payload);
    message.bytes += payload.length;
    if (!fin && !(payload.length === 0 && this.#has("loses-empty-fragment"))) return;

    this.#message = undefined;
    let data: Buffer = Buffer.concat(message.parts);
    if (compression && message.compressed && !perFragment) data = this.#inflate(compression, data);
    if (message.opcode === OPCODE.text && !this.#textMayEnd(message, data))
      throw new Failure(1007, "the text is not UTF-8");
    this.#options.onMessage?.(data);
    this.#echo(message.opcode, data);
    for (const body of this.#heldPongs.splice(0)) this.#send(OPCODE.pong, body);
  }

  #textMayEnd({ compressed, checker }: Message, data: Buffer): boolean {
    if (this.#has("no-utf8") || this.#has("utf8-each-fragment")) return true;
    if (compressed) return isUtf8(data) || this.#has("compressed-not-utf8");
    return this.#has("late-utf8") ? isUtf8(data) : checker.complete;
  }

  #inflate(compression: Compression, data: Buffer): Buffer {
    try {
      return compression.inflate(data);
    } catch (error) {
      if (error instanceof MessageTooLong) throw new Failure(1009, "the message is too long");
      if (this.#has("stuck-on-corrupt")) return Buffer.alloc(0);
      throw new Failure(1007, "the message does not inflate");
    }
  }

  #receiveControl({ opcode, payload }: Frame): void {
    if (opcode === OPCODE.close) return this.#receiveClose(payload);
    if (opcode === OPCODE.pong && this.#has("answers-pong")) return this.#send(OPCODE.pong, payload);
    if (opcode !== OPCODE.ping || this.#has("no-pong")) return;
    const body = this.#has("empty-pong") ? Buffer.alloc(0) : payload;
    if (this.#has("late-pong") && this.#message) this.#heldPongs.push(body);
    else this.#send(OPCODE.pong, body);
  }

  #receiveClose(body: Buffer): void {
    if (body.length === 1) throw new Failure(1002, "a close body of one byte");
    const code = body.length === 0 ? undefined : body.readUInt16BE(0);
    if (code !== undefined && !isCloseCode(code) && !this.#has("any-close-code"))
      throw new Failure(1002, `bad code ${code}`);
    if (!isUtf8(body.subarray(2)) && !this.#has("any-close-reason"))
      throw new Failure(1007, "the reason is not UTF-8");
    const answer = this.#has("close-always-1000") ? closeBody(1000) : body.subarray(0, 2);
    this.#close(answer);
  }

  #echo(opcode: number, data: Buffer): void {
    const kind = this.#has("all-binary") ? OPCODE.binary : opcode;
    if (this.#has("reorders-messages") && data.length > 65536) setTimeout(() => this.#send(kind, data), 5);
    else this.#send(kind, this.#has("short-at-126") && data.length === 126 ? data.subarray(1) : data);
  }

  #send(opcode: number, payload: Buffer): void {
    if (this.#socket.writableEnded || this.#socket.destroyed) return;
    const compression = opcode < 8 ? this.#options.compression : undefined;
    const frame = compression
      ? { opcode, payload: compression.deflate(payload), rsv: 4 }
      : { opcode, payload };
    const mask = (this.#options.role === "client") !== this.#has("masks-answers");
    this.#socket.write(encodeFrame({ ...frame, mask }, this.#options.role));
  }

  #close(body: Buffer): void {
    this.#send(OPCODE.close, body);
    this.#closed = true;
    if (!this.#has("keeps-stream") && !this.#has("talks-after-close")) this.#socket.end();
  }

  #fail({ code, message }: Failure): void {
    if (this.#has("no-close-frame")) this.#socket.end();
    else this.#close(closeBody(code, message));
    this.#closed = true;
  }
}
