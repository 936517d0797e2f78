import type { IncomingMessage } from "node:http";
import type { Http2ServerRequest } from "node:http2";
import { loneBinaryLength, loneBinaryPayloadLength } from "../packets/index.ts";
import type { Clock, Timer } from "../shared/clock.ts";
import type { BodyFailure } from "./exchange.ts";

/** How long and how slow a body may be. */
export interface BodyLimits {
  /** In bytes; of a body that is one binary message those of the message count, not those of its base64. */
  readonly maxBodyBytes: number;
  /** From the moment when it is asked for to its last byte. */
  readonly bodyTimeoutMs: number;
  readonly clock: Clock;
}

/**
 * Reads the body of a request as UTF-8; one of the two is called, once. One that says it is too long fails at once; what comes of it is read on and
 * dropped, so that the client gets to its answer, but not beyond the time-out.
 */
export function readBody(
  request: IncomingMessage,
  limits: BodyLimits,
  onBody: (text: string) => void,
  onFailure: (failure: BodyFailure) => void,
): void {
  if (request.destroyed) onFailure("aborted");
  else new BodyReader(request, limits, onBody, onFailure).start();
}

class BodyReader {
  readonly #request: IncomingMessage;
  readonly #limits: BodyLimits;
  readonly #onBody: (text: string) => void;
  readonly #onFailure: (failure: BodyFailure) => void;
  /** Nothing can be longer; whether this body may be so long is seen when it is there. */
  readonly #mostBytes: number;
  #chunks: Buffer[] = [];
  #length = 0;
  #isSettled = false;
  readonly #timer: Timer;
  readonly #cancel = (): void => this.#timer.cancel();

  constructor(
    request: IncomingMessage,
    limits: BodyLimits,
    onBody: (text: string) => void,
    onFailure: (failure: BodyFailure) => void,
  ) {
    this.#request = request;
    this.#limits = limits;
    this.#onBody = onBody;
    this.#onFailure = onFailure;
    this.#mostBytes = loneBinaryPayloadLength(limits.maxBodyBytes);
    this.#timer = limits.clock.setTimeout(() => this.#receiveTimeout(), limits.bodyTimeoutMs);
  }

  start(): void {
    const request = this.#request;
    request.on("end", () => this.#receiveEnd());
    request.on("close", () => this.#receiveClose());
    request.on("data", (chunk: Buffer) => this.#receive(chunk));
    if (Number(request.headers["content-length"]) > this.#mostBytes) this.#failTooLong();
  }

  #receive(chunk: Buffer): void {
    if (this.#isSettled) return;
    this.#length += chunk.length;
    if (this.#length > this.#mostBytes) this.#failTooLong();
    else this.#chunks.push(chunk);
  }

  #failTooLong(): void {
    // Once it is answered, Node does not tell a request any more that its connection is gone.
    this.#request.socket.once("close", this.#cancel);
    this.#fail("too long");
  }

  #receiveEnd(): void {
    this.#timer.cancel();
    // The connection goes on, and its next bodies may be too long as well.
    if (this.#isSettled) this.#request.socket?.off("close", this.#cancel);
    if (this.#isSettled) return;
    const [first = Buffer.alloc(0)] = this.#chunks;
    const body = (this.#chunks.length > 1 ? Buffer.concat(this.#chunks, this.#length) : first).toString(
      "utf8",
    );
    if (this.#isTooLong(body)) return this.#fail("too long");
    this.#isSettled = true;
    this.#onBody(body);
  }

  #isTooLong(body: string): boolean {
    const { maxBodyBytes } = this.#limits;
    return this.#length > maxBodyBytes && (loneBinaryLength(body) ?? this.#length) > maxBodyBytes;
  }

  #receiveClose(): void {
    this.#timer.cancel();
    this.#fail("aborted");
  }

  #receiveTimeout(): void {
    if (this.#isSettled) stopReceiving(this.#request);
    else this.#fail("too slow");
  }

  #fail(failure: BodyFailure): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#chunks = [];
    this.#onFailure(failure);
  }
}

/** Ends a request whose body is not waited for any more: over HTTP/1.1 with its connection, over HTTP/2 its stream alone. */
export function stopReceiving(request: IncomingMessage | Http2ServerRequest): void {
  // There, `destroy` ends what is read and leaves the stream open. Without an error: the answer stands (RFC 9113 §8.1).
  if ("stream" in request) request.stream.close();
  else request.destroy();
}
