/** A packet that can't be understood, or can't be sent; the sentence says what is wrong with it. */
export class PacketError extends Error {
  override readonly name = "PacketError";
  /** Stable, for programs. */
  readonly code = "PACKET_INVALID";
}

/** Reads JSON of the peer. Throws `PacketError` if it is none. */
export function readJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new PacketError("Not JSON.");
  }
}
