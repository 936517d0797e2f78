import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { AnswerHeaders } from "./http-exchange.ts";
import type { Transport } from "./transport.ts";

/** What a handshake is refused with: text for people. */
export interface DoorRefusal {
  readonly status: number;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** The opening handshake of a WebSocket that waits for its answer, over HTTP/1.1 or HTTP/2. */
export interface Door {
  readonly request: IncomingMessage;
  /** Whether the peer is still there. */
  readonly isOpen: boolean;
  /** Why it is not a right handshake; undefined if it is. */
  check(): DoorRefusal | undefined;
  /** Completes it; `headers` are added to the answer. Throws a `TypeError` for a header that can't be: it can still be refused then. */
  accept(headers: AnswerHeaders): Transport;
  /** Answers with an HTTP status, and ends the stream. */
  refuse(refusal: DoorRefusal): void;
}

/** Makes doors of what HTTP servers hand over. */
export interface DoorMaker {
  /** An upgrade over HTTP/1.1; `head` is what came behind it. */
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): Door;
}
