import { EventError } from "../../shared/event-error.ts";
import type { Refusal } from "../refusal.ts";

/** Which limit an event was beyond. */
export type RateLimitName = "connection" | "event" | "address";

const CODE = "rate_limited";

/** What is told of an event that was one too many. */
export interface RateLimitedData {
  /** When it may be sent again, in milliseconds from now. */
  readonly retryAfterMs: number;
  /** Which limit it was; told to the application only, like the next. */
  readonly limit?: RateLimitName;
  /** How many events were refused since the application was told last, this one included. */
  readonly refused?: number;
}

/** The error of an event that was one too many. */
export function rateLimited(limit: RateLimitName, event: string, data: RateLimitedData): EventError {
  const what =
    limit === "event"
      ? `Too many events "${event}"`
      : limit === "address"
        ? "Too many events from this address"
        : "Too many events";
  return new EventError(CODE, `${what}: the next is taken in ${data.retryAfterMs} ms.`, data);
}

/** Why a client may not join yet that joins too often. */
export function tooManyJoins(retryAfterMs: number): Refusal {
  const message = `Too many events: it may join in ${retryAfterMs} ms.`;
  return { message, data: { code: CODE, retryAfterMs } };
}
