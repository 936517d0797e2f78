import { FrameParser, type FrameParserOptions, type FrameSink } from "../../src/protocol/frame-parser.ts";
import { ProtocolError } from "../../src/protocol/errors.ts";

/** What a parser made of a stream, in a form that is quickly compared. */
export interface ParserRun {
  /** Each as its kind and its bytes as Latin-1. */
  readonly events: readonly string[];
  readonly error: ProtocolError | undefined;
  /** How many bytes had been handed over when it failed; all of them if it did not. */
  readonly taken: number;
}

/** Writes down what it is told. */
export class EventRecorder implements FrameSink {
  readonly events: string[] = [];
  onEvent: () => void = () => {};

  receiveMessage(
    bytes: Uint8Array,
    start: number,
    end: number,
    isText: boolean,
    isAscii: boolean,
    isCompressed: boolean,
  ): void {
    const payload = latin1(bytes.subarray(start, end));
    if (isAscii && /[^\0-\x7f]/.test(payload)) throw new Error(`"${payload}" was said to be ASCII.`);
    this.#add(`${isCompressed ? "compressed " : ""}${isText ? "text" : "binary"} ${payload}`);
  }

  receivePing(payload: Uint8Array): void {
    this.#add(`ping ${latin1(payload)}`);
  }

  receivePong(payload: Uint8Array): void {
    this.#add(`pong ${latin1(payload)}`);
  }

  receiveClose(code: number, reason: Uint8Array): void {
    this.#add(`close ${code} ${latin1(reason)}`);
  }

  #add(event: string): void {
    this.events.push(event);
    this.onEvent();
  }
}

/** Hands pieces to a new parser until it refuses one. Whatever is thrown that is not a `ProtocolError` goes through. */
export function parsePieces(pieces: readonly Uint8Array[], options: FrameParserOptions): ParserRun {
  const recorder = new EventRecorder();
  const parser = new FrameParser(recorder, options);
  let taken = 0;
  for (const piece of pieces) {
    taken += piece.length;
    try {
      parser.receive(piece);
    } catch (error) {
      return { events: recorder.events, error: asProtocolError(error), taken };
    }
  }
  return { events: recorder.events, error: undefined, taken };
}

/** The same with an application that pauses at every event and resumes when nothing more comes. */
export function parsePausing(pieces: readonly Uint8Array[], options: FrameParserOptions): ParserRun {
  const recorder = new EventRecorder();
  const parser = new FrameParser(recorder, options);
  recorder.onEvent = () => parser.pause();
  try {
    for (const piece of pieces) parser.receive(piece);
    // Each resume brings at least one event, or all that is left.
    for (let seen = -1; seen !== recorder.events.length;) {
      seen = recorder.events.length;
      parser.resume();
    }
  } catch (error) {
    return { events: recorder.events, error: asProtocolError(error), taken: 0 };
  }
  return { events: recorder.events, error: undefined, taken: 0 };
}

function asProtocolError(error: unknown): ProtocolError {
  if (error instanceof ProtocolError) return error;
  throw error;
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}
