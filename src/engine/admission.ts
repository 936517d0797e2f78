import type { IncomingMessage } from "node:http";
import type { Clock, Timer } from "../shared/clock.ts";
import type { Random } from "../shared/random.ts";
import {
  checkVersion,
  type EngineRequest,
  refusal,
  REQUEST_ERRORS,
  type RequestRefusal,
} from "./request-check.ts";

/**
 * Decides whether a handshake is let in: by calling back, with a message for the client and false to refuse it; or, with one parameter, by
 * its result or a promise of it.
 */
export type AllowRequest = (
  request: IncomingMessage,
  callback: (message: string | null | undefined, success: boolean) => void,
) => boolean | PromiseLike<unknown> | void;

/** Who is asked about a handshake. */
export interface AdmissionOptions {
  readonly allowRequest: AllowRequest | undefined;
  readonly generateId: (request: IncomingMessage) => string | PromiseLike<string>;
  /** How long both may take together. */
  readonly handshakeTimeoutMs: number;
  readonly clock: Clock;
  readonly random: Pick<Random, "fraction">;
  /** Told what one of them threw, or rejected with. */
  readonly onApplicationError: (error: unknown, option: string) => void;
}

/** Called once: with the session's id, or with why there is none. */
export type AdmissionCallback = (outcome: string | RequestRefusal) => void;

/**
 * Asks the application about a handshake: `allowRequest`, and then, if the version is right, `generateId`. Calls back in the same turn if
 * nobody needs longer; who takes too long refuses with 503. Returns what decides it from outside. `early` is what {@link giveId} has said
 * already, where nobody else has to be asked.
 */
export function admit(
  request: EngineRequest,
  options: AdmissionOptions,
  callback: AdmissionCallback,
  early?: AdmissionOutcome,
): AdmissionCallback {
  const { allowRequest, clock, handshakeTimeoutMs } = options;
  // Mostly the verdict is given at once, and no timer is needed.
  const pending: { timer?: Timer } = {};
  let isSettled = false;
  const settle: AdmissionCallback = (outcome) => {
    if (isSettled) return;
    isSettled = true;
    pending.timer?.cancel();
    callback(outcome);
  };
  const proceed = (): void => {
    if (isSettled) return;
    waitForId(giveId(request, options), options, settle);
  };
  if (early !== undefined) waitForId(early, options, settle);
  else if (allowRequest === undefined) proceed();
  else ask(allowRequest, request, options, proceed, settle);
  if (isSettled) return settle;
  pending.timer = clock.setTimeout(() => {
    settle(overload(`The server took longer than ${handshakeTimeoutMs} ms to decide.`, "HANDSHAKE_TIMEOUT"));
  }, handshakeTimeoutMs);
  return settle;
}

/** A refusal that is not the client's fault: it may come again. */
export function overload(message: string, name: string, status = 503, retryAfterMs = 1000): RequestRefusal {
  return {
    status,
    code: REQUEST_ERRORS.badRequest.code,
    message,
    context: { name },
    headers: { "Retry-After": String(Math.max(1, Math.ceil(retryAfterMs / 1000))) },
  };
}

function ask(
  allowRequest: AllowRequest,
  request: EngineRequest,
  { onApplicationError }: AdmissionOptions,
  proceed: () => void,
  settle: AdmissionCallback,
): void {
  const decide = (success: unknown, message?: string | null): void => {
    if (success === true) proceed();
    else settle(forbidden(message));
  };
  const fail = (error: unknown): void => {
    onApplicationError(error, "allowRequest");
    settle({ ...forbidden(null), context: { name: "ALLOW_REQUEST_FAILURE", error } });
  };
  const byCallback = allowRequest.length >= 2;
  try {
    const verdict: unknown = allowRequest(request, (message, success) => decide(success, message));
    // With a callback it may be async all the same, and fail before it has called back.
    if (isThenable(verdict)) verdict.then(byCallback ? undefined : decideAlone, fail);
    else if (!byCallback && verdict !== undefined) decide(verdict);
  } catch (error) {
    fail(error);
  }

  function decideAlone(success: unknown): void {
    decide(success);
  }
}

/** What comes of a handshake that the application lets in: the session's id, now or later, or why there is none. */
export type AdmissionOutcome = string | RequestRefusal | PromiseLike<unknown>;

/** Checks the version of a handshake, and asks `generateId`. */
export function giveId(request: EngineRequest, options: AdmissionOptions): AdmissionOutcome {
  const wrongVersion = checkVersion(request._query);
  if (wrongVersion !== undefined) return wrongVersion;
  try {
    const id: unknown = options.generateId(request);
    return isThenable(id) ? id : checkId(id, options);
  } catch (error) {
    return failedId(error, options);
  }
}

function waitForId(outcome: AdmissionOutcome, options: AdmissionOptions, settle: AdmissionCallback): void {
  if (!isThenable(outcome)) settle(outcome);
  else
    outcome.then(
      (id) => settle(checkId(id, options)),
      (error: unknown) => settle(failedId(error, options)),
    );
}

function checkId(id: unknown, options: AdmissionOptions): string | RequestRefusal {
  if (typeof id === "string" && id !== "") return id;
  return failedId(new TypeError("A session's id must be a string that is not empty."), options);
}

function failedId(error: unknown, { onApplicationError }: AdmissionOptions): RequestRefusal {
  onApplicationError(error, "generateId");
  return badId(error);
}

/** There is no id for the session. */
export function badId(error: unknown): RequestRefusal {
  return refusal(REQUEST_ERRORS.badRequest, { name: "ID_GENERATION_ERROR", error });
}

function forbidden(message: string | null | undefined): RequestRefusal {
  const { status, code, message: usual } = REQUEST_ERRORS.forbidden;
  return { status, code, message: message || usual, context: { message } };
}

/** Whether something is, or behaves like, a promise. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === "function";
}
