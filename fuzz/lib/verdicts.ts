import type { Writable } from "node:stream";
import * as ws from "ws";
import type { FrameParserOptions } from "../../src/protocol/frame-parser.ts";
import { copyOf } from "./cuts.ts";
import { parsePieces } from "./parser-runs.ts";

/** What somebody makes of a stream. */
export interface Verdict {
  /** Each as its kind and its bytes as Latin-1. */
  readonly events: readonly string[];
  /** The name of the error, if it was refused. */
  readonly code: string | undefined;
  /** The close code of the error. */
  readonly closeCode: number | undefined;
  /** How many bytes it takes to refuse it; all of them if it was not. Found by halving: who refuses a stream refuses all that begin with it. */
  takenBytes(): number;
}

/** The part of ws's Receiver that is used here; it is exported, but its types leave it out. */
interface Receiver extends Writable {
  readonly errored: (Error & { readonly code: string }) | null;
}
const { Receiver: WsReceiver } = ws as unknown as {
  Receiver: new (options: object) => Receiver;
};

/** What ws notes its close codes under. */
const STATUS_CODE = "Symbol(status-code)";

/** Our parser's verdict. */
export function ourVerdict(bytes: Uint8Array, options: FrameParserOptions): Verdict {
  const { events, error } = parsePieces([copyOf(bytes)], options);
  return {
    events,
    code: error?.code,
    closeCode: error?.closeCode,
    takenBytes: () =>
      refusedAfter(bytes, (beginning) => parsePieces([copyOf(beginning)], options).error !== undefined),
  };
}

/** The verdict of ws. */
export function theirVerdict(bytes: Uint8Array, options: FrameParserOptions): Verdict {
  const whole = receive(bytes, options);
  return {
    ...whole,
    takenBytes: () => refusedAfter(bytes, (beginning) => receive(beginning, options).closeCode !== undefined),
  };
}

function receive(
  bytes: Uint8Array,
  { role, maxMessageBytes }: FrameParserOptions,
): Omit<Verdict, "takenBytes"> {
  const events: string[] = [];
  const receiver = new WsReceiver({ isServer: role === "server", maxPayload: maxMessageBytes });
  receiver.on("message", (data: Buffer, isBinary: boolean) => {
    events.push(`${isBinary ? "binary" : "text"} ${data.toString("latin1")}`);
  });
  for (const kind of ["ping", "pong"]) {
    receiver.on(kind, (data: Buffer) => events.push(`${kind} ${data.toString("latin1")}`));
  }
  receiver.on("conclude", (code: number, reason: Buffer) => {
    events.push(`close ${code} ${reason.toString("latin1")}`);
  });
  // What it is comes by `errored`, in the same turn.
  receiver.on("error", () => {});
  receiver.write(Buffer.from(bytes));
  const error = receiver.errored;
  if (error === null) return { events, code: undefined, closeCode: undefined };
  return { events, code: error.code, closeCode: statusCodeOf(error) };
}

/** How long the shortest refused beginning is; the length of all if none is. */
function refusedAfter(bytes: Uint8Array, isRefused: (beginning: Uint8Array) => boolean): number {
  let [low, high] = [0, bytes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isRefused(bytes.subarray(0, middle))) high = middle;
    else low = middle + 1;
  }
  return low;
}

function statusCodeOf(error: Error): number {
  const symbol = Object.getOwnPropertySymbols(error).find((each) => String(each) === STATUS_CODE);
  return symbol === undefined ? 0 : (error as unknown as Record<symbol, number>)[symbol]!;
}
