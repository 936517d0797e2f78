/** Events of which only the newest matter to a client that does not keep up. */
export interface Lane {
  /** Stands for the event, for whom it is meant, and for the key that the application gives. */
  readonly key: string;
  /** How many of the newest are kept. */
  readonly keep: number;
}

/** What becomes of an event for a client that does not read as fast as it is sent to. */
export interface WhenSlow {
  /** Beyond so many bytes that wait for it, a client is slow. */
  readonly aboveBytes: number;
  /** Newer ones take the place of this one; undefined: the client's connection ends. */
  readonly lane: Lane | undefined;
}
