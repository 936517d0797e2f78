import type { JoinRequest, Refusal, RefusalCode, SendRequest } from "../shared/contract.ts";
import { MAX_KEY_LENGTH, MAX_NAME_LENGTH, MAX_ROOM_NAME_LENGTH, MAX_TEXT_LENGTH } from "../shared/limits.ts";
import { cleanName, cleanRoomName, textProblem } from "../shared/text.ts";

const NAME_RULE = `A name has 1 to ${MAX_NAME_LENGTH} visible characters.`;
const ROOM_RULE = `A room name has 1 to ${MAX_ROOM_NAME_LENGTH} letters, digits, "-" or "_".`;

export function refuse(code: RefusalCode, reason: string, retryAfterMs?: number): Refusal {
  return { ok: false, code, reason, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

/** Checks a `join` from the wire, where anything may arrive. */
export function readJoin(value: unknown): (JoinRequest & { ok: true }) | Refusal {
  const { room, name, session } = fields(value);
  const roomName = cleanRoomName(room);
  const personName = cleanName(name);
  if (roomName === undefined) return refuse("invalid", ROOM_RULE);
  if (personName === undefined) return refuse("invalid", NAME_RULE);
  if (!isKey(session))
    return refuse("invalid", `A session key has 16 to ${MAX_KEY_LENGTH} characters of A-Z a-z 0-9 - _.`);
  return { ok: true, room: roomName, name: personName, session };
}

/** Checks a `send` from the wire. */
export function readSend(value: unknown): (SendRequest & { ok: true }) | Refusal {
  const { id, room, text } = fields(value);
  const roomName = cleanRoomName(room);
  if (!isKey(id))
    return refuse("invalid", `A message id has 16 to ${MAX_KEY_LENGTH} characters of A-Z a-z 0-9 - _.`);
  if (roomName === undefined) return refuse("invalid", ROOM_RULE);
  const problem = textProblem(text);
  if (problem === "too-long") {
    return refuse(
      "too-long",
      `A message has at most ${MAX_TEXT_LENGTH} characters; this one has ${String(text).length}.`,
    );
  }
  if (problem !== undefined) return refuse("invalid", "A message is text with something visible in it.");
  return { ok: true, id, room: roomName, text: text as string };
}

function fields(value: unknown): Partial<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? value : {};
}

function isKey(value: unknown): value is string {
  return typeof value === "string" && value.length <= MAX_KEY_LENGTH && /^[A-Za-z0-9_-]{16,}$/u.test(value);
}
