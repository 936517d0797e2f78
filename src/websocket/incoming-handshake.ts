import type { IncomingMessage } from "node:http";
import type { ServerHttp2Stream } from "node:http2";
import type { Duplex } from "node:stream";
import { checkConnectRequest, checkUpgradeRequest, type UpgradeOffer } from "../protocol/index.ts";
import type { Clock } from "../shared/clock.ts";
import { acceptConnect, refuseConnect } from "./http2.ts";
import {
  type Refusal,
  refuseUpgrade,
  type UpgradeChoice,
  upgradeResponse,
  writeUpgradeResponse,
} from "./upgrade.ts";

const NO_HEAD = Buffer.alloc(0);

/** A handshake that waits for its answer, over HTTP/1.1 or HTTP/2. */
export interface IncomingHandshake {
  readonly request: IncomingMessage;
  readonly stream: Duplex;
  /** What came behind it. */
  readonly head: Buffer;
  /** Throws `HandshakeError` if it is not a right one. */
  check(): Pick<UpgradeOffer, "protocols" | "extensions">;
  accept(choice: UpgradeChoice): void;
  refuse(refusal: Refusal): void;
}

/** One over HTTP/1.1; `onHeaders` may change the lines of the answer. */
export function upgradeHandshake(
  request: IncomingMessage,
  stream: Duplex,
  head: Buffer,
  clock: Clock,
  onHeaders: (lines: string[], request: IncomingMessage) => void,
): IncomingHandshake {
  let key = "";
  return {
    request,
    stream,
    head,
    check: () => {
      const offer = checkUpgradeRequest(request);
      ({ key } = offer);
      return offer;
    },
    accept: (choice) => {
      const lines = upgradeResponse(key, choice);
      onHeaders(lines, request);
      writeUpgradeResponse(stream, lines);
    },
    refuse: (refusal) => refuseUpgrade(stream, clock, refusal),
  };
}

/** One over HTTP/2 (RFC 8441). */
export function connectHandshake(request: IncomingMessage, stream: ServerHttp2Stream): IncomingHandshake {
  return {
    request,
    stream,
    head: NO_HEAD,
    check: () => checkConnectRequest(request.headers),
    accept: (choice) => acceptConnect(stream, choice),
    refuse: (refusal) => refuseConnect(stream, refusal),
  };
}
