import { IncomingMessage } from "node:http";
import { createServer, type ListenOptions, type Server, type Socket } from "node:net";
import { END_OF_HEAD, HandshakeError, parseRequestHead, type RequestHead } from "../protocol/index.ts";
import type { Clock, Timer } from "../shared/clock.ts";
import { NOBODY, ownStream, type StreamOwner } from "./stream-owner.ts";
import { refuseUpgrade } from "./upgrade.ts";

/** A longer request head is refused with 431. */
const MAX_HEAD_BYTES = 16 * 1024;
/** How many connections more than are accepted there may be, at their handshake or being refused; the next is dropped at once. */
const HANDSHAKE_ALLOWANCE = 1000;
const END = Buffer.from(END_OF_HEAD);

/** Called with each complete request for an upgrade, and what came behind it. */
export type UpgradeHandler = (request: IncomingMessage, stream: Socket, head: Buffer) => void;

/** How a port of our own behaves. */
export interface OwnPortOptions {
  /** How long a client may take over its request. */
  readonly handshakeTimeoutMs: number;
  /** How many are accepted, if there is a limit: a thousand more may be at their handshake, the next is dropped at once. */
  readonly maxConnections?: number | undefined;
  readonly clock: Clock;
}

/**
 * A port for WebSockets alone. An HTTP server would do as well, and does for everybody who has one; but a connection costs a third more
 * CPU with it, and more memory, and there is only one kind of request here.
 */
export class OwnPort {
  readonly server: Server;
  readonly #options: OwnPortOptions;
  readonly #onUpgrade: UpgradeHandler;
  /** Connections that have not sent a whole request yet, in the order in which they came. */
  readonly #pending = new Set<PendingRequest>();
  /** One for all of them: it is for the one that came first when it was started. */
  #timer: Timer | undefined;

  constructor(options: OwnPortOptions, onUpgrade: UpgradeHandler) {
    this.#options = options;
    this.#onUpgrade = onUpgrade;
    const { maxConnections } = options;
    this.server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
      this.#pending.add(new PendingRequest(socket, options.clock.now(), this.#onHead));
      if (this.#timer === undefined) this.#refuseLateAfter(options.handshakeTimeoutMs);
    });
    // It counts all that are there: open, at their handshake, or being refused.
    if (maxConnections !== undefined) this.server.maxConnections = maxConnections + HANDSHAKE_ALLOWANCE;
  }

  /** Begins to listen. */
  listen(where: ListenOptions): void {
    this.server.listen(where);
  }

  /** Stops listening, and drops whoever has not sent a whole request. */
  close(): void {
    this.server.close();
    for (const pending of [...this.#pending]) pending.drop();
  }

  readonly #onHead: PendingRequestHandler = (pending, socket, head, rest) => {
    this.#pending.delete(pending);
    if (this.#pending.size === 0) this.#stopTimer();
    if (head === undefined) return;
    if (head instanceof HandshakeError) refuseUpgrade(socket, this.#options.clock, head);
    else this.#onUpgrade(requestOf(head, socket), socket, rest);
  };

  #stopTimer(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #refuseLateAfter(delayMs: number): void {
    this.#timer = this.#options.clock.setTimeout(() => this.#refuseLate(), delayMs);
  }

  #refuseLate(): void {
    this.#timer = undefined;
    const { clock, handshakeTimeoutMs } = this.#options;
    const now = clock.now();
    for (const pending of this.#pending) {
      const leftMs = pending.sinceMs + handshakeTimeoutMs - now;
      if (leftMs > 0) {
        this.#refuseLateAfter(leftMs);
        return;
      }
      pending.refuse(408, `The request did not come within ${handshakeTimeoutMs} ms.`);
    }
  }
}

/** Called once: with the head of the request, with why it is refused, or with neither if the client has left. */
type PendingRequestHandler = (
  pending: PendingRequest,
  socket: Socket,
  head: RequestHead | HandshakeError | undefined,
  rest: Buffer,
) => void;

const NOTHING = Buffer.alloc(0);

/** A connection until its request is complete. */
class PendingRequest implements StreamOwner {
  /** When it came, by the clock. */
  readonly sinceMs: number;
  readonly #socket: Socket;
  readonly #onEnd: PendingRequestHandler;
  #received: Buffer = NOTHING;

  constructor(socket: Socket, sinceMs: number, onEnd: PendingRequestHandler) {
    this.sinceMs = sinceMs;
    this.#socket = socket;
    this.#onEnd = onEnd;
    ownStream(socket, this);
  }

  receiveChunk(chunk: Buffer): void {
    const before = this.#received.length;
    this.#received = before === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    // The end may have been cut in two.
    const end = this.#received.indexOf(END, Math.max(0, before - END.length + 1));
    if (end > MAX_HEAD_BYTES || (end < 0 && this.#received.length > MAX_HEAD_BYTES)) {
      this.refuse(431, `A request head may be ${MAX_HEAD_BYTES} bytes long.`);
      return;
    }
    if (end < 0) {
      if (!mayBecomeHead(this.#received, before)) this.refuse(400, "This is not an HTTP request.");
      return;
    }
    let head: RequestHead | HandshakeError;
    try {
      head = parseRequestHead(this.#received.latin1Slice(0, end));
    } catch (error) {
      if (!(error instanceof HandshakeError)) throw error;
      head = error;
    }
    const rest = end + END.length;
    this.#end(head, rest === this.#received.length ? NOTHING : this.#received.subarray(rest));
  }

  onStreamEnd(): void {
    this.drop();
  }
  onStreamDrain(): void {}
  onStreamError(): void {
    this.drop();
  }
  onStreamClose(): void {
    this.drop();
  }

  /** Ends the connection without a word. */
  drop(): void {
    this.#end(undefined, NOTHING);
    this.#socket.destroy();
  }

  /** Ends it with an answer. */
  refuse(status: number, message: string): void {
    this.#end(new HandshakeError("WS_ERR_HANDSHAKE_HEADER", status, message), NOTHING);
  }

  #end(head: RequestHead | HandshakeError | undefined, rest: Buffer): void {
    // Nothing of the handshake may stay with the connection; what comes while the application decides waits for whoever reads next.
    ownStream(this.#socket, NOBODY);
    this.#onEnd(this, this.#socket, head, rest);
  }
}

/** Whether bytes can be the beginning of a request, so that TLS and noise are not waited for; before `from` they were looked at. */
function mayBecomeHead(bytes: Buffer, from: number): boolean {
  for (let index = from; index < bytes.length; index += 1) {
    const byte = bytes[index]!;
    if (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) return false;
  }
  return /^[A-Za-z]/.test(String.fromCharCode(bytes[0]!));
}

/** The request as applications know it from `node:http`. */
function requestOf(head: RequestHead, socket: Socket): IncomingMessage {
  const request = new IncomingMessage(socket);
  request.method = head.method;
  request.url = head.target;
  request.httpVersion = head.httpVersion;
  request.httpVersionMajor = 1;
  request.httpVersionMinor = head.httpVersion === "1.1" ? 1 : 0;
  request.rawHeaders = head.rawHeaders;
  request.headers = head.headers;
  request.complete = true;
  return request;
}
