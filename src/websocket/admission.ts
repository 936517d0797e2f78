import type { IncomingMessage, OutgoingHttpHeaders } from "node:http";
import type { TLSSocket } from "node:tls";
import { HandshakeError } from "../protocol/index.ts";
import { type Clock, systemClock } from "../shared/clock.ts";
import { DEFAULTS } from "./options.ts";
import type { ClientInfo, Verdict, WebSocketServerOptions } from "./server-options.ts";

const UNAUTHORIZED = 401;
const FORBIDDEN = 403;

/** Called once: without an error if the handshake may go on. */
export type AdmissionCallback = (error?: HandshakeError) => void;

/** Told what an option of the application threw, or rejected with; the client gets a 500 then. */
export type ApplicationErrorHandler = (error: unknown, option: string) => void;

/**
 * Asks the application about a handshake: its list of origins, `allowRequest`, `verifyClient`. Calls back in the same turn if
 * nobody needs longer; who takes too long refuses with 503.
 */
export function admit(
  request: IncomingMessage,
  options: WebSocketServerOptions,
  onApplicationError: ApplicationErrorHandler,
  callback: AdmissionCallback,
): void {
  const { allowedOrigins, allowRequest, verifyClient } = options;
  const { origin } = request.headers;
  if (origin !== undefined && allowedOrigins !== undefined && !isAllowed(origin, allowedOrigins)) {
    callback(refusal(FORBIDDEN, `Pages from ${origin} may not connect.`));
    return;
  }
  if (allowRequest === undefined && verifyClient === undefined) {
    callback();
    return;
  }
  const { handshakeTimeout = DEFAULTS.handshakeTimeout, clock = systemClock } = options;
  const settle = once(callback, handshakeTimeout, clock);
  const fail =
    (option: string) =>
    (error: unknown): void => {
      onApplicationError(error, option);
      settle(refusal(500, "The server could not decide about this client."));
    };
  const verify = (): void => {
    if (verifyClient === undefined) settle();
    else
      ask(
        () => askVerifyClient(verifyClient, request, settle),
        UNAUTHORIZED,
        settle,
        settle,
        fail("verifyClient"),
      );
  };
  if (allowRequest === undefined) verify();
  else ask(() => allowRequest(request), FORBIDDEN, verify, settle, fail("allowRequest"));
}

/** A verdict that is given in another way. */
const LATER = Symbol("later");

/** Asks for a verdict: whatever is not a yes refuses, with `status` unless the verdict has its own. */
function ask(
  question: () => Verdict | typeof LATER | PromiseLike<Verdict | typeof LATER>,
  status: number,
  proceed: () => void,
  settle: AdmissionCallback,
  fail: (error: unknown) => void,
): void {
  const decide = (verdict: Verdict | typeof LATER): void => {
    if (verdict === LATER) return;
    if (verdict === true) proceed();
    else if (typeof verdict === "object" && verdict !== null)
      settle(refusal(verdict.status, verdict.message));
    else settle(refusal(status, "The server refused this client."));
  };
  try {
    const verdict = question();
    if (isThenable(verdict)) verdict.then(decide, fail);
    else decide(verdict);
  } catch (error) {
    fail(error);
  }
}

function askVerifyClient(
  verifyClient: NonNullable<WebSocketServerOptions["verifyClient"]>,
  request: IncomingMessage,
  settle: AdmissionCallback,
): boolean | typeof LATER | PromiseLike<boolean | typeof LATER> {
  const info: ClientInfo = {
    origin: request.headers.origin,
    secure: (request.socket as Partial<TLSSocket>).encrypted === true,
    req: request,
  };
  if (verifyClient.length < 2) {
    const accepted = (verifyClient as (info: ClientInfo) => unknown)(info);
    return isThenable(accepted) ? accepted.then(Boolean) : Boolean(accepted);
  }
  const result: unknown = verifyClient(
    info,
    (accepted, status = UNAUTHORIZED, message = "The server refused this client.", headers = {}) => {
      settle(accepted ? undefined : refusal(status, message, textsOf(headers)));
    },
  );
  // It may be async, and fail before it has called back.
  return isThenable(result) ? result.then(() => LATER) : LATER;
}

function textsOf(headers: OutgoingHttpHeaders): Record<string, string> {
  const given = Object.entries(headers).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name, [value].flat().join(", ")]));
}

function once(callback: AdmissionCallback, timeoutMs: number, clock: Clock): AdmissionCallback {
  let isSettled = false;
  const settle: AdmissionCallback = (error) => {
    if (isSettled) return;
    isSettled = true;
    timer.cancel();
    callback(error);
  };
  const timer = clock.setTimeout(
    () => settle(refusal(503, "The server took too long to decide.")),
    timeoutMs,
  );
  return settle;
}

function isAllowed(origin: string, allowed: readonly (string | RegExp)[]): boolean {
  return allowed.some((entry) => (typeof entry === "string" ? entry === origin : origin.search(entry) >= 0));
}

function isThenable<Value>(value: Value | PromiseLike<Value>): value is PromiseLike<Value> {
  return typeof (value as Partial<PromiseLike<Value>> | null | undefined)?.then === "function";
}

function refusal(status: number, message: string, headers: Record<string, string> = {}): HandshakeError {
  return new HandshakeError("WS_ERR_HANDSHAKE_REFUSED", status, message, headers);
}
