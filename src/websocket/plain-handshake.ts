import type { IncomingMessage } from "node:http";
import type { ServerHttp2Stream } from "node:http2";
import type { Duplex } from "node:stream";
import {
  checkConnectRequest,
  checkUpgradeRequest,
  type DeflateWishes,
  HandshakeError,
  parseExtensions,
} from "../protocol/index.ts";
import {
  chooseUpgrade,
  prepareStream,
  upgradeAnswer,
  type UpgradeChoice,
  upgradeResponse,
} from "./upgrade.ts";

/** Headers to add to an answer, by name. */
export type ExtraHeaders = Readonly<Record<string, string | readonly string[]>>;

/** No subprotocol, and no extension. */
export const NO_CHOICE: UpgradeChoice = { protocol: "", deflate: undefined, extensions: "" };

/** Checks an opening handshake over HTTP/1.1; returns why it is to be refused, if it is. */
export function checkPlainUpgrade(request: IncomingMessage): HandshakeError | undefined {
  return failureOf(() => checkUpgradeRequest(request));
}

/** Checks an extended CONNECT (RFC 8441); returns why it is to be refused, if it is. */
export function checkPlainConnect(request: IncomingMessage): HandshakeError | undefined {
  return failureOf(() => checkConnectRequest(request.headers));
}

/** Chooses compression for a handshake that was found right, if its client offers what is wished for; never a subprotocol. */
export function choosePlainUpgrade(
  { headers }: IncomingMessage,
  wishes: DeflateWishes | undefined,
): UpgradeChoice {
  const offered = headers["sec-websocket-extensions"];
  if (wishes === undefined || offered === undefined) return NO_CHOICE;
  return chooseUpgrade({ protocols: [], extensions: parseExtensions(offered) }, () => "", wishes);
}

/**
 * Accepts an opening handshake that {@link checkPlainUpgrade} has found right. Returns the answer, which the connection is to send first; the headers
 * stand in it as they are.
 */
export function acceptPlainUpgrade(
  request: IncomingMessage,
  stream: Duplex,
  headers: ExtraHeaders,
  choice: UpgradeChoice = NO_CHOICE,
): string {
  const lines = upgradeResponse(String(request.headers["sec-websocket-key"]), choice);
  for (const [name, value] of Object.entries(headers)) {
    for (const one of typeof value === "string" ? [value] : value) lines.push(`${name}: ${one}`);
  }
  prepareStream(stream);
  return upgradeAnswer(lines);
}

/** Completes one that {@link checkPlainConnect} has found right; frames may follow at once. */
export function acceptPlainConnect(
  stream: ServerHttp2Stream,
  headers: ExtraHeaders,
  { extensions }: UpgradeChoice = NO_CHOICE,
): void {
  const lowerCase = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  stream.respond({
    ":status": 200,
    ...Object.fromEntries(lowerCase),
    ...(extensions !== "" && { "sec-websocket-extensions": extensions }),
  });
  // A browser never ends its direction, not even after the close handshake: the stream would stay.
  stream.once("finish", () => stream.close());
}

function failureOf(check: () => unknown): HandshakeError | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof HandshakeError) return error;
    throw error;
  }
}
