import { MAX_NAME_LENGTH, MAX_ROOM_NAME_LENGTH, MAX_TEXT_LENGTH } from "./limits.ts";

/**
 * Characters that have no place in a name or a message: controls, halves of surrogate pairs, and the
 * invisible ones that reorder or hide the text around them. Emoji joiners (U+200D) are not among them.
 */
const UNWANTED =
  /(?![\n\t])[\p{Cc}\p{Cs}\u{200B}\u{2028}\u{2029}\u{202A}-\u{202E}\u{2060}\u{2066}-\u{2069}\u{FEFF}]/gu;

/** Something that leaves a mark on the screen. */
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;

/** A display name, tidied (trimmed, inner white space to one space, NFC), or undefined if it can't be one. */
export function cleanName(input: unknown): string | undefined {
  if (typeof input !== "string" || input.length > MAX_NAME_LENGTH * 4) return undefined;
  const name = input.normalize("NFC").trim().replace(/\s+/gu, " ");
  if (name.search(UNWANTED) >= 0 || !VISIBLE.test(name)) return undefined;
  return name.length <= MAX_NAME_LENGTH ? name : undefined;
}

/**
 * A room name as it stands in addresses: lower case, letters, digits, `-` and `_`, with spaces turned
 * into `-` and a leading `#` taken off; or undefined if it can't be one.
 */
export function cleanRoomName(input: unknown): string | undefined {
  if (typeof input !== "string" || input.length > MAX_ROOM_NAME_LENGTH * 4) return undefined;
  const name = input.normalize("NFC").trim().replace(/^#/u, "").trim().replace(/\s+/gu, "-").toLowerCase();
  if (name.length > MAX_ROOM_NAME_LENGTH) return undefined;
  return /^[\p{L}\p{N}][\p{L}\p{M}\p{N}_-]*$/u.test(name) ? name : undefined;
}

/** What a page sends of what was typed: line ends as `\n`, without unwanted characters and outer blank space. */
export function cleanText(input: string): string {
  return input.replace(/\r\n?/gu, "\n").replace(UNWANTED, "").trim();
}

/** Why a text can't be a message, or undefined if it can. Markup is no reason: it is shown as it was typed. */
export function textProblem(text: unknown): "too-long" | "invalid" | undefined {
  if (typeof text !== "string") return "invalid";
  if (text.length > MAX_TEXT_LENGTH) return "too-long";
  if (text.search(UNWANTED) >= 0 || text.trim() === "") return "invalid";
  return undefined;
}
