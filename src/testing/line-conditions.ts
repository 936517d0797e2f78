/** A direction of a line: `up` from the client to the server, `down` back. */
export type Direction = "up" | "down";

/** How a line is cut: `reset` as by a crash or a router that forgot it (RST), `end` as by a peer that leaves (FIN, both ways). */
export type CutKind = "reset" | "end";

/** What a network does to the bytes of a line, from now on. What is left out is as on a good network. */
export interface LineConditions {
  /**
   * A direction in which nothing passes, or both. Bytes are kept, not lost: what the line holds, and what its ends may still write into the
   * system's buffers, passes when the hole is gone, as TCP would have sent it again. Ends and resets wait, too.
   */
  readonly blackHole?: Direction | "both";
  /** How long bytes are on the way, in milliseconds, one way. Default 0. */
  readonly delayMs?: number;
  /** Up to so many milliseconds more, by chance; order is kept. Default 0. */
  readonly jitterMs?: number;
  /** How many bytes pass in a second, in each direction. Default: no limit. */
  readonly bytesPerSecond?: number;
}

/** Throws a `RangeError` for conditions that make no sense. */
export function checkConditions({ delayMs = 0, jitterMs = 0, bytesPerSecond = 1 }: LineConditions): void {
  for (const [name, value] of Object.entries({ delayMs, jitterMs })) {
    if (!(value >= 0)) throw new RangeError(`"${name}" must be 0 or more, not ${value}.`);
  }
  if (!(bytesPerSecond >= 1))
    throw new RangeError(`"bytesPerSecond" must be 1 or more, not ${bytesPerSecond}.`);
}
