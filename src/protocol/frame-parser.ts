import { invalidUtf8 } from "./breaches.ts";
import { FrameAssembly } from "./frame-assembly.ts";
import { headerSize, readLength, readMaskKey } from "./frame-header.ts";
import type { FrameParserOptions, FrameSink } from "./frame-sink.ts";
import { applyMask, applyMaskAt } from "./masking.ts";
import { BINARY, TEXT } from "./opcodes.ts";
import { isWholeUtf8 } from "./utf8.ts";

export type { FrameParserOptions, FrameSink } from "./frame-sink.ts";

const RSV1 = 0x40;
const FIN_TEXT = 0x80 | TEXT;
const FIN_BINARY = 0x80 | BINARY;
/** The longest payload whose length stands in the second byte (RFC 6455 §5.2). */
const MAX_SHORT_LENGTH = 125;

/**
 * Turns received bytes, cut anywhere, into messages and control frames.
 *
 * Payloads that lie whole in a chunk are unmasked in place and never copied; others are copied once, into a
 * buffer that grows with what has really arrived. `receive` throws `ProtocolError` at the first byte that
 * breaks RFC 6455; after that, and after a close frame, everything is ignored.
 */
export class FrameParser {
  readonly #sink: FrameSink;
  readonly #options: FrameParserOptions;
  readonly #masked: boolean;
  readonly #maxShortLength: number;

  /** `paused` keeps chunks, `done` ignores them. */
  #state: "open" | "paused" | "done" = "open";
  #backlog: Uint8Array[] | undefined;
  /** What is neither a message in one frame that is all here nor at its end; a connection that is idle has none. */
  #assembly: FrameAssembly | undefined;

  constructor(sink: FrameSink, options: FrameParserOptions) {
    this.#sink = sink;
    this.#options = options;
    this.#masked = options.role === "server";
    this.#maxShortLength = Math.min(MAX_SHORT_LENGTH, options.maxMessageBytes || MAX_SHORT_LENGTH);
  }

  /** Takes the next bytes of the stream and calls the sink; the chunk is the parser's from now on. */
  receive(chunk: Uint8Array): void {
    if (this.#state === "open") this.#consume(chunk);
    else if (this.#state === "paused") (this.#backlog ??= []).push(chunk);
  }

  /** Stops calling the sink, also in the middle of a chunk; what comes meanwhile is kept. */
  pause(): void {
    if (this.#state === "open") this.#state = "paused";
  }

  /** Goes on after {@link pause} with what was kept. Throws like {@link receive}. */
  resume(): void {
    if (this.#state !== "paused") return;
    this.#state = "open";
    const backlog = this.#backlog;
    this.#backlog = undefined;
    if (backlog === undefined) return;
    for (const chunk of backlog) this.receive(chunk);
  }

  /** Ignores everything from now on and lets go of what was kept. */
  stop(): void {
    this.#state = "done";
    this.#backlog = undefined;
    this.#assembly = undefined;
  }

  #consume(chunk: Uint8Array): void {
    let offset = 0;
    try {
      while (offset < chunk.length) {
        if (this.#state !== "open") {
          if (this.#state === "paused") (this.#backlog ??= []).unshift(chunk.subarray(offset));
          return;
        }
        offset = this.#receiveFrame(chunk, offset);
      }
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  /** Takes what is here of the next frame, or of the one that is arriving; returns where it ends. */
  #receiveFrame(chunk: Uint8Array, offset: number): number {
    if (this.#assembly === undefined) {
      const end = this.#receiveShortMessage(chunk, offset) || this.#receiveWholeMessage(chunk, offset);
      if (end !== 0) return end;
    }
    const assembly = (this.#assembly ??= new FrameAssembly(this.#sink, this.#options));
    const end = assembly.receive(chunk, offset);
    if (assembly.hasClosed) this.stop();
    else if (assembly.isAtRest) this.#assembly = undefined;
    return end;
  }

  /**
   * The common case, which nothing but its speed sets apart: a whole message of at most 125 bytes in one frame, uncompressed, all of
   * it here. Returns where it ends, or 0 if what begins at `offset` is something else.
   */
  #receiveShortMessage(chunk: Uint8Array, offset: number): number {
    const first = chunk[offset]!;
    if (first !== FIN_TEXT && first !== FIN_BINARY) return 0;
    const length = chunk[offset + 1]! - (this.#masked ? 0x80 : 0);
    const payload = offset + (this.#masked ? 6 : 2);
    const end = payload + length;
    if (!(length >= 0 && length <= this.#maxShortLength && end <= chunk.length)) return 0;
    let isAscii = false;
    if (this.#masked) {
      isAscii = applyMaskAt(chunk, payload - 4, payload, end);
    }
    if (first === FIN_TEXT && !isAscii) this.#checkText(chunk, payload, end);
    this.#sink.receiveMessage(chunk, payload, end, first === FIN_TEXT, isAscii, false);
    return end;
  }

  /**
   * Any message in one frame that is all here. Returns where it ends, or 0 if what begins at `offset` is something else, or wrong: then
   * the assembly says how.
   */
  #receiveWholeMessage(chunk: Uint8Array, offset: number): number {
    const { allowCompressed, maxMessageBytes } = this.#options;
    const available = chunk.length - offset;
    const first = chunk[offset]!;
    const kind = first & ~RSV1;
    const isCompressed = first !== kind;
    if ((kind !== FIN_TEXT && kind !== FIN_BINARY) || (isCompressed && allowCompressed !== true)) return 0;
    if (available < 2 || chunk[offset + 1]! >= 0x80 !== this.#masked) return 0;
    const size = headerSize(chunk[offset + 1]!, this.#masked);
    if (available < size) return 0;
    const length = readLength(chunk, offset, maxMessageBytes);
    if (available < size + length || (maxMessageBytes > 0 && length > maxMessageBytes)) return 0;
    const payload = offset + size;
    const end = payload + length;
    const isText = kind === FIN_TEXT;
    let isAscii = false;
    if (this.#masked) isAscii = applyMask(chunk, payload, end, readMaskKey(chunk, payload), 0);
    if (isText && !isAscii && !isCompressed) this.#checkText(chunk, payload, end);
    this.#sink.receiveMessage(chunk, payload, end, isText, isAscii, isCompressed);
    return end;
  }

  #checkText(bytes: Uint8Array, start: number, end: number): void {
    if (!isWholeUtf8(bytes, start, end, this.#options.isUtf8)) throw invalidUtf8();
  }
}
