import type { Verdict } from "./verdicts.ts";

/** Where ours and the `ws` package's verdicts on the same stream may differ, and why. */
export interface KnownDifference {
  readonly name: string;
  readonly reason: string;
  applies(ours: Verdict, theirs: Verdict, bytes: Uint8Array): boolean;
}

/** How many bytes of a frame's header there are at most. */
const MASK_KEY_BYTES = 4;

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    name: "length not in its shortest form",
    reason: "RFC 6455 §5.2 demands the shortest form, and ws takes any: we refuse where it goes on.",
    applies: (ours, theirs) =>
      ours.code === "WS_ERR_INVALID_PAYLOAD_LENGTH" &&
      ours.closeCode === 1002 &&
      startsWith(theirs.events, ours.events),
  },
  {
    name: "text refused sooner",
    reason:
      "We refuse text at the byte that spoils it, ws at the end of the message: until then it may see control frames.",
    applies: (ours, theirs) =>
      ours.code === "WS_ERR_INVALID_UTF8" &&
      startsWith(theirs.events, ours.events) &&
      theirs.events.slice(ours.events.length).every((event) => /^(?:ping|pong|close) /.test(event)),
  },
  {
    name: "first byte refused at once",
    reason: "We refuse a wrong first byte before the second has come, with which ws begins.",
    applies: (ours, theirs, bytes) =>
      ours.closeCode === 1002 &&
      theirs.closeCode === undefined &&
      ours.takenBytes() === bytes.length &&
      sameEvents(ours, theirs),
  },
  {
    name: "too long, seen before the mask key",
    reason:
      "ws refuses at the length, we at the end of the header: four bytes later, which did not all come.",
    applies: (ours, theirs, bytes) =>
      ours.closeCode === undefined &&
      theirs.closeCode === 1009 &&
      theirs.takenBytes() + MASK_KEY_BYTES > bytes.length &&
      sameEvents(ours, theirs),
  },
];

/** Whether two verdicts are the same: the same events, refused with the same close code or not at all. */
export function agree(ours: Verdict, theirs: Verdict): boolean {
  return ours.closeCode === theirs.closeCode && sameEvents(ours, theirs);
}

function sameEvents(ours: Verdict, theirs: Verdict): boolean {
  return ours.events.length === theirs.events.length && startsWith(ours.events, theirs.events);
}

function startsWith(events: readonly string[], beginning: readonly string[]): boolean {
  return beginning.every((event, index) => events[index] === event);
}
