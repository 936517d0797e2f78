import type { IncomingMessage } from "node:http";
import type { Clock } from "../shared/clock.ts";
import type { BodyFailure } from "./exchange.ts";

/** How long and how slow a body may be. */
export interface BodyLimits {
  /** In bytes. */
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
  { maxBodyBytes, bodyTimeoutMs, clock }: BodyLimits,
  onBody: (text: string) => void,
  onFailure: (failure: BodyFailure) => void,
): void {
  let chunks: Buffer[] = [];
  let length = 0;
  let isSettled = false;

  const fail = (failure: BodyFailure): void => {
    if (isSettled) return;
    isSettled = true;
    chunks = [];
    onFailure(failure);
  };
  const cancel = (): void => timer.cancel();
  const failTooLong = (): void => {
    // Once it is answered, Node does not tell a request any more that its connection is gone.
    request.socket.once("close", cancel);
    fail("too long");
  };
  const onData = (chunk: Buffer): void => {
    if (isSettled) return;
    length += chunk.length;
    if (length > maxBodyBytes) failTooLong();
    else chunks.push(chunk);
  };
  const onEnd = (): void => {
    timer.cancel();
    // The connection goes on, and its next bodies may be too long as well.
    request.socket?.off("close", cancel);
    if (isSettled) return;
    isSettled = true;
    const [first] = chunks;
    onBody((chunks.length === 1 ? first! : Buffer.concat(chunks, length)).toString("utf8"));
  };
  const onClose = (): void => {
    timer.cancel();
    fail("aborted");
  };
  const timer = clock.setTimeout(() => {
    if (isSettled) request.destroy();
    else fail("too slow");
  }, bodyTimeoutMs);

  if (request.destroyed) {
    onClose();
    return;
  }
  // The peer has gone: "close" follows.
  request.on("error", () => {});
  request.once("end", onEnd);
  request.once("close", onClose);
  request.on("data", onData);
  if (Number(request.headers["content-length"]) > maxBodyBytes) failTooLong();
}
