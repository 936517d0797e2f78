import { FrameParser, type FrameParserOptions } from "../../src/protocol/frame-parser.ts";
import { ProtocolError } from "../../src/protocol/errors.ts";
import { parsePieces as parse, RecordingSink, type SinkEvent } from "../../test/support/recording-sink.ts";

/** What a parser made of a stream, in a form that is quickly compared. */
export interface ParserRun {
  /** Each as its kind and its bytes as Latin-1. */
  readonly events: readonly string[];
  readonly error: ProtocolError | undefined;
  /** How many bytes had been handed over when it failed; all of them if it did not. */
  readonly taken: number;
}

/** Hands pieces to a new parser until it refuses one. Whatever is thrown that is not a `ProtocolError` goes through. */
export function parsePieces(pieces: readonly Uint8Array[], options: FrameParserOptions): ParserRun {
  const { events, error, failedAt } = parse(pieces, options);
  const taken = error === undefined ? pieces : pieces.slice(0, failedAt + 1);
  return { events: events.map(lineOf), error, taken: taken.reduce((sum, piece) => sum + piece.length, 0) };
}

/** The same with an application that pauses at every event and resumes when nothing more comes. */
export function parsePausing(pieces: readonly Uint8Array[], options: FrameParserOptions): ParserRun {
  const sink = new RecordingSink();
  const parser = new FrameParser(sink, options);
  sink.onEvent = () => parser.pause();
  let failure: ProtocolError | undefined;
  try {
    for (const piece of pieces) parser.receive(piece);
    // Each resume brings at least one event, or all that is left.
    for (let seen = -1; seen !== sink.events.length;) {
      seen = sink.events.length;
      parser.resume();
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    failure = error;
  }
  return { events: sink.events.map(lineOf), error: failure, taken: 0 };
}

function lineOf(event: SinkEvent): string {
  switch (event.kind) {
    case "close":
      return `close ${event.code} ${Buffer.from(event.reason).toString("latin1")}`;
    case "ping":
    case "pong":
      return `${event.kind} ${event.payload.toString("latin1")}`;
    default:
      return `${event.compressed ? "compressed " : ""}${event.kind} ${event.payload.toString("latin1")}`;
  }
}
