import { atLeastOne, type HistoryOptions } from "./memory-log-options.ts";

/** Options of `diskLog`. */
export interface DiskLogOptions {
  /** The folder, which is made if it is not there. One process at a time has it. */
  path: string;
  /**
   * How long it waits for the folder while another process has it, in milliseconds: a process that takes the place of another is started before that one ends. It
   * looks every 50 ms. Default 0: `LOG_IN_USE` at once.
   */
  waitMs?: number;
  /** How long entries are kept, in milliseconds; up to a sixteenth longer. They go when something is appended. Default 86,400,000: a day. */
  maxAgeMs?: number;
  /** What the entries of all namespaces take on disk, in bytes, before compression; beyond it the oldest of all go. Default 1 GiB. */
  maxBytes?: number;
  /** What the newest entries take in memory, in bytes, all namespaces together: who was away for a short time is served from there. Default 64 MiB. */
  maxMemoryBytes?: number;
  /** What may wait for the disk, in bytes; beyond it appending fails with `LOG_BUSY`. Default 64 MiB. */
  maxPendingBytes?: number;
  /**
   * Which rooms keep their last entries beyond `maxAgeMs` and `maxBytes`; each such entry is on disk once more. `history.maxBytes` is what they take
   * there, all together. Of other rooms, the last are those in memory. Default: none.
   */
  history?: HistoryOptions;
}

/** The options with their defaults. */
export interface DiskLogSettings {
  readonly path: string;
  readonly waitMs: number;
  readonly maxAgeMs: number;
  readonly maxBytes: number;
  readonly maxMemoryBytes: number;
  readonly maxPendingBytes: number;
  readonly history: Required<HistoryOptions>;
}

const MEBIBYTE = 2 ** 20;

/** Throws a `RangeError` or a `TypeError` for an option that can't be. */
export function diskLogSettings(options: DiskLogOptions): DiskLogSettings {
  const { path, waitMs = 0 } = options;
  if (typeof path !== "string" || path === "") {
    throw new TypeError('The option "path" must name a folder.');
  }
  if (!(waitMs >= 0)) throw new RangeError(`The option "waitMs" must be 0 or more, not ${waitMs}.`);
  return {
    path,
    waitMs,
    maxAgeMs: atLeastOne("maxAgeMs", options.maxAgeMs, 86_400_000),
    maxBytes: atLeastOne("maxBytes", options.maxBytes, 1024 * MEBIBYTE),
    maxMemoryBytes: atLeastOne("maxMemoryBytes", options.maxMemoryBytes, 64 * MEBIBYTE),
    maxPendingBytes: atLeastOne("maxPendingBytes", options.maxPendingBytes, 64 * MEBIBYTE),
    history: {
      rooms: options.history?.rooms ?? (() => 0),
      maxBytes: atLeastOne("history.maxBytes", options.history?.maxBytes, 64 * MEBIBYTE),
    },
  };
}
