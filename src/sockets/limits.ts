/** What one session may make grow. */
export interface SessionLimits {
  /** How many namespaces it may be in, or about to join, at a time. */
  readonly maxNamespaces: number;
  /** The longest name of a namespace that it may ask for, in UTF-16 units. */
  readonly maxNamespaceNameLength: number;
  /** The longest name of an event that it may send, in UTF-16 units. */
  readonly maxEventNameLength: number;
  /** How many bytes the attachments of one event that it sends may have in all. */
  readonly maxAttachmentBytes: number;
}

/** All limits of this folder. */
export interface Limits extends SessionLimits {
  /** How many rooms a socket may join, its own included. */
  readonly maxRoomsPerSocket: number;
  /** How many namespaces patterns may have made. */
  readonly maxDynamicNamespaces: number;
}

export const DEFAULT_LIMITS: Limits = {
  maxNamespaces: 100,
  maxNamespaceNameLength: 1024,
  maxEventNameLength: 1024,
  maxAttachmentBytes: 4_000_000,
  maxRoomsPerSocket: 10_000,
  maxDynamicNamespaces: 10_000,
};

/** The limits with their defaults. Throws a `RangeError` for one that can't be. */
export function limitsOf(options: { readonly [Name in keyof Limits]?: number | undefined }): Limits {
  const limits = { ...DEFAULT_LIMITS };
  for (const name of Object.keys(limits) as (keyof Limits)[]) {
    const value = options[name];
    if (value === undefined) continue;
    if (!(value >= 1)) throw new RangeError(`The option "${name}" must be 1 or more, not ${value}.`);
    (limits as Record<keyof Limits, number>)[name] = value;
  }
  return limits;
}
