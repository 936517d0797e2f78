import assert from "node:assert/strict";
import { FrameParser, type FrameParserOptions, type FrameSink } from "../../src/protocol/frame-parser.ts";
import { ProtocolError } from "../../src/protocol/errors.ts";
import { chop, chopRandomly, copyOf } from "./chop.ts";
import { SeededRandom } from "../../src/testing/seeded-random.ts";

/** What a parser reported, copied. */
export type SinkEvent =
  | { readonly kind: "text" | "binary"; readonly payload: Buffer; readonly compressed: boolean }
  | { readonly kind: "ping" | "pong"; readonly payload: Buffer }
  | { readonly kind: "close"; readonly code: number; readonly reason: string };

/** The events that well-formed frames give, for expectations. */
export const text = (payload: string | Uint8Array): SinkEvent => ({
  kind: "text",
  payload: Buffer.from(payload),
  compressed: false,
});
export const binary = (payload: Uint8Array): SinkEvent => ({
  kind: "binary",
  payload: Buffer.from(payload),
  compressed: false,
});
export const ping = (payload: string | Uint8Array = ""): SinkEvent => ({
  kind: "ping",
  payload: Buffer.from(payload),
});
export const pong = (payload: string | Uint8Array = ""): SinkEvent => ({
  kind: "pong",
  payload: Buffer.from(payload),
});
export const close = (code: number, reason = ""): SinkEvent => ({ kind: "close", code, reason });

/** Keeps what it is told; `onEvent` may then act, as an application would. */
export class RecordingSink implements FrameSink {
  readonly events: SinkEvent[] = [];
  onEvent: (event: SinkEvent) => void = () => {};

  receiveMessage(
    bytes: Uint8Array,
    start: number,
    end: number,
    isText: boolean,
    isAscii: boolean,
    isCompressed: boolean,
  ): void {
    const payload = Buffer.from(bytes.subarray(start, end));
    if (isAscii) assert.doesNotMatch(payload.toString("latin1"), /[^\0-\x7f]/, "said to be ASCII and is not");
    this.#add({ kind: isText ? "text" : "binary", payload, compressed: isCompressed });
  }

  receivePing(payload: Uint8Array): void {
    this.#add({ kind: "ping", payload: Buffer.from(payload) });
  }

  receivePong(payload: Uint8Array): void {
    this.#add({ kind: "pong", payload: Buffer.from(payload) });
  }

  receiveClose(code: number, reason: Uint8Array): void {
    this.#add({ kind: "close", code, reason: Buffer.from(reason).toString() });
  }

  #add(event: SinkEvent): void {
    this.events.push(event);
    this.onEvent(event);
  }
}

/** How a parser's run ended. */
export interface ParseResult {
  readonly events: readonly SinkEvent[];
  readonly error: ProtocolError | undefined;
  /** Which piece the error came with; -1 without one. */
  readonly failedAt: number;
}

/** Feeds pieces to a new parser until it throws. */
export function parsePieces(pieces: readonly Uint8Array[], options: FrameParserOptions): ParseResult {
  const sink = new RecordingSink();
  const parser = new FrameParser(sink, options);
  for (const [index, piece] of pieces.entries()) {
    try {
      parser.receive(piece);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return { events: sink.events, error, failedAt: index };
    }
  }
  return { events: sink.events, error: undefined, failedAt: -1 };
}

/** Parses the bytes whole, byte by byte, and cut in other ways; checks that the result is always the same. */
export function parseHoweverCut(bytes: Uint8Array, options: FrameParserOptions, seed = 1): ParseResult {
  const whole = parsePieces([copyOf(bytes)], options);
  const random = new SeededRandom(seed);
  const isLong = bytes.length > 10_000;
  const cuts = (isLong ? [1] : [1, 2, 3, 5]).map((size) => chop(bytes, size));
  for (const longest of isLong ? [100, 9000] : [4, 16, 200]) cuts.push(chopRandomly(bytes, random, longest));
  for (const pieces of cuts) {
    const result = parsePieces(pieces, options);
    const how = `cut into ${pieces.length} pieces of ${pieces[0]?.length} …`;
    assert.equal(result.error?.code, whole.error?.code, how);
    assert.deepEqual(result.events, whole.events, how);
  }
  return whole;
}
