import type { Room } from "../sockets/room.ts";

/** How much is kept for rooms whose last entries outlive the log's limits. */
export interface HistoryOptions {
  /** How many of a room's last entries are kept; 0: none but what the log has anyway. Asked whenever one would go, so keep it cheap. */
  rooms: (room: Room) => number;
  /** What they take at most, in bytes, all rooms of all namespaces together; beyond it the oldest go. Default 16 MiB; on disk, 64 MiB. */
  maxBytes?: number;
}

/** Options of `memoryLog`. Bytes are those that the entries take in memory, estimated upwards. */
export interface MemoryLogOptions {
  /** How long an entry is kept, in milliseconds; up to a sixteenth longer while nothing is appended. Default 300,000: five minutes. */
  maxAgeMs?: number;
  /** How many entries a namespace keeps; the oldest go first. Default 100,000. */
  maxEntries?: number;
  /** What the entries of one namespace take at most, in bytes; the oldest go first. Default 64 MiB. */
  maxBytes?: number;
  /** The same for all namespaces together; the oldest of all go first. Default 256 MiB. */
  maxTotalBytes?: number;
  /** Which rooms keep their last entries beyond these limits. Default: none. */
  history?: HistoryOptions;
}

/** The options with their defaults. */
export interface MemoryLogSettings {
  readonly maxAgeMs: number;
  readonly maxEntries: number;
  readonly maxBytes: number;
  readonly maxTotalBytes: number;
  readonly history: { readonly rooms: ((room: Room) => number) | undefined; readonly maxBytes: number };
}

const MEBIBYTE = 2 ** 20;
/** The longest that a timer can wait, in milliseconds (25 days). */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Throws a `RangeError` for an option that can't be. */
export function memoryLogSettings(options: MemoryLogOptions): MemoryLogSettings {
  const maxAgeMs = atLeastOne("maxAgeMs", options.maxAgeMs, 300_000);
  if (maxAgeMs !== Infinity && maxAgeMs > MAX_TIMER_MS) {
    throw new RangeError(
      `The option "maxAgeMs" must be at most ${MAX_TIMER_MS}, or Infinity, not ${maxAgeMs}.`,
    );
  }
  return {
    maxAgeMs,
    maxEntries: atLeastOne("maxEntries", options.maxEntries, 100_000),
    maxBytes: atLeastOne("maxBytes", options.maxBytes, 64 * MEBIBYTE),
    maxTotalBytes: atLeastOne("maxTotalBytes", options.maxTotalBytes, 256 * MEBIBYTE),
    history: {
      rooms: options.history?.rooms,
      maxBytes: atLeastOne("history.maxBytes", options.history?.maxBytes, 16 * MEBIBYTE),
    },
  };
}

/** The value of an option, or its default. */
export function atLeastOne(name: string, value: number | undefined, fallback: number): number {
  if (value === undefined) return fallback;
  if (!(value >= 1)) throw new RangeError(`The option "${name}" must be 1 or more, not ${value}.`);
  return value;
}
