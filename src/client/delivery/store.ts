import type { StoreError } from "./store-error.ts";

/** A seat, as it is kept: by which the server knows us, and up to where we have what it sent. */
export interface StoredSeat {
  readonly key: string;
  readonly epoch: string;
  readonly offset: number;
}

/** An event that the server has not said is done, as it goes on the wire. */
export interface StoredEvent {
  /** Of the acknowledgement that it asks for; undefined: it asks for none. */
  readonly id: number | undefined;
  /** Its name and arguments as JSON, with placeholders for binary data. */
  readonly text: string;
  /** The binary data, in the order of its placeholders: of what is written, views of what the application gave. */
  readonly binary: readonly Uint8Array[];
}

/** What an outbox must know of itself beside its events. */
export interface OutboxState {
  /** Undefined: there is none. */
  readonly seat: StoredSeat | undefined;
  /** The number, on that seat, of the last event that is done: the first one that is kept has the next. */
  readonly done: number;
  /** The ids of acknowledgements below this one may have been given away. */
  readonly nextId: number;
}

/** What changes at once. */
export interface OutboxChanges {
  /** Come behind the events that are there. */
  readonly appended: readonly StoredEvent[];
  /** So many are done: the first of what is there then, with those that were just appended. */
  readonly removed: number;
  readonly state: OutboxState;
}

/** What is kept of one outbox, in the hands of the one who may change it. */
export interface StoredOutbox {
  /** The events as they were when it was opened, in the order in which they were appended. */
  readonly events: readonly StoredEvent[];
  /** The state as it was then; undefined: nothing was kept. */
  readonly state: OutboxState | undefined;
  /** There if not all that was kept could be read: then `state` has no seat, as numbers are missing. It is told to the application, and what comes is kept. */
  readonly damage?: StoreError | undefined;
  /**
   * Writes all of the changes, or nothing, behind those that were given before. Has begun when it returns, with a copy of all bytes, and does not wait for earlier
   * ones; resolves, in order, when the changes would survive the end of the process. Rejects with a {@link StoreError}: of that one and all later ones nothing may be kept.
   */
  write(changes: OutboxChanges): Promise<void>;
  /** Lets go of it, when what was given is written; what is kept stays. Twice is the same as once. */
  close(): Promise<void>;
}

/**
 * Where outboxes are kept over a reload, for the option `store` of {@link delivery}: `indexedDBStore` in pages, `fileStore` in Node, or your own, which
 * `outboxStoreSuite` of `switchboard/testing` holds to all this.
 */
export interface OutboxStore {
  /**
   * Opens what is kept under a name, for one user at a time. Rejects with a {@link StoreError}: `STORE_IN_USE` if somebody else has it, in this process
   * or another; `STORE_OPEN_FAILED` if it can't be read.
   */
  open(name: string): Promise<StoredOutbox>;
  /** Forgets all that is kept, and closes. For logging out. Rejects as {@link open} does. */
  clear(): Promise<void>;
  /** Closes all that it has opened, so that somebody else may have it; opened again, it goes on. */
  close(): Promise<void>;
}
