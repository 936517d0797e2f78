import type { IncomingMessage } from "node:http";
import type { ServerHttp2Stream } from "node:http2";
import type { Duplex } from "node:stream";
import { checkConnectRequest, checkUpgradeRequest, type UpgradeOffer } from "../protocol/index.ts";
import type { Clock } from "../shared/clock.ts";
import { acceptConnect, refuseConnect } from "./http2.ts";
import {
  prepareStream,
  type Refusal,
  refuseUpgrade,
  upgradeAnswer,
  type UpgradeChoice,
  upgradeResponse,
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
  /** Completes it; returns the answer if the connection has to send it, else "". */
  accept(choice: UpgradeChoice): string;
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
      prepareStream(stream);
      return upgradeAnswer(lines);
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
    accept: (choice) => {
      acceptConnect(stream, choice);
      return "";
    },
    refuse: (refusal) => refuseConnect(stream, refusal),
  };
}
