import { PacketError } from "../../packets/index.ts";
import { RENEW_KEY } from "../reauthentication.ts";
import type { OffsetWire } from "./logged-message.ts";

/** Under this key both sides speak of seats, in CONNECT packets. */
export const SEAT_KEY = "$seat";

const MAX_KEY_LENGTH = 64;
const MAX_EPOCH_LENGTH = 16;

/** Where a client stands. */
export interface SeatBase {
  readonly epoch: string;
  readonly offset: number;
  /** Up to which of its own events all are done; missing: unknown. */
  readonly sequence?: number;
}

/** What a client says of the seat that it had. */
export interface Claim {
  readonly key: string;
  /** The last that it has; undefined: it was never told of one. */
  readonly position: { readonly epoch: string; readonly offset: number } | undefined;
}

/** What a client gives when it joins. */
export interface Joining {
  /** What is the application's. */
  readonly auth: Record<string, unknown> | undefined;
  readonly wire: OffsetWire;
  readonly claim: Claim | undefined;
  /** Whether the client can be asked again who it is. */
  readonly canRenew: boolean;
}

/**
 * Reads what a client gives when it joins: whether it speaks of offsets, and which seat it had. Throws `PacketError` for a seat that is none; what a
 * client of Socket.IO gives in its own way may be anything, as the names are the application's, too.
 *
 * @param wire how it wants to be told of offsets
 */
export function readJoining(auth: Record<string, unknown> | undefined, wire: OffsetWire): Joining {
  const canRenew = auth?.[RENEW_KEY] === true;
  const given = canRenew ? without(auth, RENEW_KEY) : auth;
  if (given === undefined || wire === "none") return { auth: given, wire, claim: undefined, canRenew };
  if (wire === "trailing") return { auth: given, wire, claim: trailingClaim(given), canRenew };
  const seat = given[SEAT_KEY];
  if (seat === undefined) return { auth: given, wire, claim: undefined, canRenew };
  return { auth: without(given, SEAT_KEY), wire, claim: numberedClaim(seat), canRenew };
}

/** What is the application's; undefined: it gave nothing. */
function without(auth: Record<string, unknown>, key: string): Record<string, unknown> | undefined {
  const { [key]: _ours, ...rest } = auth;
  return Object.keys(rest).length === 0 ? undefined : rest;
}

function numberedClaim(seat: unknown): Claim {
  const { key, epoch, offset } = (typeof seat === "object" && seat !== null ? seat : {}) as Record<
    string,
    unknown
  >;
  if (!isText(key, MAX_KEY_LENGTH) || !isText(epoch, MAX_EPOCH_LENGTH) || !isOffset(offset)) {
    throw new PacketError(`A "${SEAT_KEY}" carries key, epoch and offset.`);
  }
  return { key, position: { epoch, offset } };
}

/** Socket.IO's: `pid`, and the last argument of the last event; a client that has had no event gives none. */
function trailingClaim({ pid, offset }: Record<string, unknown>): Claim | undefined {
  if (!isText(pid, MAX_KEY_LENGTH)) return undefined;
  if (offset === undefined) return { key: pid, position: undefined };
  const [, epoch, digits] = (typeof offset === "string" && /^([^:]{1,16}):(\d{1,15})$/.exec(offset)) || [];
  // Such a client takes any text that comes last in an event for an offset.
  if (epoch === undefined) return undefined;
  return { key: pid, position: { epoch, offset: Number(digits) } };
}

function isText(value: unknown, maxLength: number): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= maxLength;
}

function isOffset(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
