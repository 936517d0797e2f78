import type { Clock } from "../../shared/clock.ts";
import type { OutboxState, OutboxStore, StoredEvent, StoredOutbox } from "./store.ts";
import { StoreError } from "./store-error.ts";

/** How long a store may take to open, in milliseconds: nothing is sent meanwhile. */
const OPEN_TIMEOUT_MS = 10_000;

/** What a keeper works for. */
export interface KeeperHost {
  readonly state: OutboxState;
  /** The store is open; said once, and never if it fails. */
  onOpen(kept: StoredOutbox): void;
  /** So many events, of all that were ever appended, are safe. */
  onStored(count: number): void;
  /** There is nothing that keeps anything: said once. Undefined: as the application wishes. */
  onFailed(error: StoreError | undefined): void;
}

/** Writes what changes in an outbox into a store, once in each turn of the event loop. */
export class Keeper {
  readonly #host: KeeperHost;
  #kept: StoredOutbox | undefined;
  #failure: StoreError | undefined;
  #appended: StoredEvent[] = [];
  #removed = 0;
  /** How many events were appended before those. */
  #written = 0;
  #isChanged = false;
  #isPlanned = false;
  /** How many writes are under way. */
  #writing = 0;
  /** The newest write, or opening. */
  #last: Promise<void>;

  constructor(store: OutboxStore, name: string, clock: Clock, host: KeeperHost) {
    this.#host = host;
    const timer = clock.setTimeout(
      () => this.#fail(new StoreError("STORE_OPEN_FAILED", "The store does not answer.")),
      OPEN_TIMEOUT_MS,
    );
    const open = async (): Promise<void> => {
      try {
        const kept = await store.open(name);
        if (this.#failure === undefined) this.#begin(kept);
        else await kept.close();
      } catch (error) {
        this.#fail(storeError("STORE_OPEN_FAILED", error));
      } finally {
        timer.cancel();
      }
    };
    this.#last = open();
  }

  /** Whether it is not known yet what was kept. */
  get isOpening(): boolean {
    return (this.#kept ?? this.#failure) === undefined;
  }

  /** An event is kept from now on. */
  append(event: StoredEvent): void {
    if (this.#failure !== undefined) return;
    this.#appended.push(event);
    this.change();
  }

  /** The first event is done. */
  remove(): void {
    if (this.#failure !== undefined) return;
    this.#removed += 1;
    this.change();
  }

  /** The state is another one. */
  change(): void {
    this.#isChanged = true;
    this.#plan();
  }

  /** The same, of what may be written late: when nothing is being written. */
  touch(): void {
    this.#isChanged = true;
    if (this.#writing === 0) this.#plan();
  }

  /** Resolves when all that has changed is kept; rejects with a {@link StoreError} if it is not. */
  async stored(): Promise<void> {
    if (this.isOpening) await this.#last;
    if (this.#isChanged) this.#plan();
    // The newest one is the last to be done.
    await this.#last;
    if (this.#failure !== undefined) throw this.#failure;
  }

  #begin(kept: StoredOutbox): void {
    this.#kept = kept;
    this.#host.onOpen(kept);
  }

  #plan(): void {
    if (this.#isPlanned || this.#kept === undefined || this.#failure !== undefined) return;
    this.#isPlanned = true;
    this.#last = Promise.resolve().then(() => this.#write());
  }

  async #write(): Promise<void> {
    this.#isPlanned = false;
    this.#isChanged = false;
    if (this.#failure !== undefined) return;
    const changes = { appended: this.#appended, removed: this.#removed, state: this.#host.state };
    this.#appended = [];
    this.#removed = 0;
    this.#written += changes.appended.length;
    const upTo = this.#written;
    this.#writing += 1;
    try {
      await this.#kept!.write(changes);
      if (this.#failure === undefined) this.#host.onStored(upTo);
    } catch (error) {
      this.#fail(storeError("STORE_WRITE_FAILED", error));
    }
    this.#writing -= 1;
    if (this.#isChanged) this.#plan();
  }

  async #letGo(): Promise<void> {
    try {
      await this.#kept?.close();
    } catch {
      // It has failed before, and that was told.
    }
  }

  #fail(error: StoreError): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#appended = [];
    void this.#letGo();
    this.#host.onFailed(error.code === "STORE_CLOSED" ? undefined : error);
  }
}

/** What a store throws, with a code. */
function storeError(code: "STORE_OPEN_FAILED" | "STORE_WRITE_FAILED", error: unknown): StoreError {
  const given = error as StoreError | undefined;
  if (typeof given?.code === "string" && given.code.startsWith("STORE_")) return given;
  const sentence = code === "STORE_OPEN_FAILED" ? "The store can't be opened." : "The store keeps no more.";
  return new StoreError(code, sentence, { cause: error });
}
