import type {
  OutboxChanges,
  OutboxState,
  OutboxStore,
  StoredEvent,
  StoredOutbox,
} from "../../src/client/delivery/store.ts";
import { StoreError } from "../../src/client/delivery/store-error.ts";

interface Outbox {
  events: StoredEvent[];
  state: OutboxState | undefined;
}

/** Keeps outboxes as long as it lives itself. It can be slow, fail, and lose who has opened it. */
export class MemoryStore implements OutboxStore {
  readonly outboxes = new Map<string, Outbox>();
  readonly #open = new Map<string, Opened>();
  /** Whether writing waits for {@link commit}. */
  isSlow = false;
  /** With what everything fails. */
  failure: Error | undefined;
  /** How often it was written to. */
  writes = 0;
  /** Every event that it has ever had, in order. */
  readonly had: StoredEvent[] = [];
  #waiting: (() => void)[] = [];

  async open(name: string): Promise<StoredOutbox> {
    if (this.isSlow) await this.done();
    if (this.failure !== undefined) throw this.failure;
    if (this.isTaken(name)) throw new StoreError("STORE_IN_USE", `"${name}" is in use.`);
    const opened = new Opened(this, this.outboxes.get(name), name);
    this.#open.set(name, opened);
    return opened;
  }

  isTaken(name: string): boolean {
    return this.#open.has(name);
  }

  /** Resolves when it is {@link commit}ted, if it is slow. */
  async done(): Promise<void> {
    if (this.isSlow) await new Promise<void>((resolve) => void this.#waiting.push(resolve));
  }

  /** What waits is done. */
  commit(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** The page is gone: of what waits nothing was done, and nobody hears of it. */
  crash(): void {
    this.#waiting = [];
    for (const [name, opened] of this.#open) this.release(name, opened);
  }

  isOpen(name: string, opened: Opened): boolean {
    return this.#open.get(name) === opened;
  }

  release(name: string, opened: Opened): void {
    if (this.isOpen(name, opened)) this.#open.delete(name);
  }

  async clear(): Promise<void> {
    await this.close();
    this.outboxes.clear();
  }

  async close(): Promise<void> {
    for (const opened of this.#open.values()) await opened.close();
  }
}

class Opened implements StoredOutbox {
  readonly events: readonly StoredEvent[];
  readonly state: OutboxState | undefined;
  readonly #store: MemoryStore;
  readonly #name: string;
  #last: Promise<void> = Promise.resolve();

  constructor(store: MemoryStore, kept: Outbox | undefined, name: string) {
    this.#store = store;
    this.#name = name;
    this.events = kept?.events.slice() ?? [];
    this.state = kept?.state;
  }

  write({ appended, removed, state }: OutboxChanges): Promise<void> {
    const store = this.#store;
    if (!store.isOpen(this.#name, this))
      return Promise.reject(new StoreError("STORE_CLOSED", "It is closed."));
    const copies = appended.map(({ id, text, binary }) => ({
      id,
      text,
      binary: binary.map((each) => each.slice()),
    }));
    const before = this.#last;
    this.#last = (async () => {
      await Promise.all([before, store.done()]);
      if (store.failure !== undefined) throw store.failure;
      const { events } = store.outboxes.get(this.#name) ?? { events: [] };
      if (!store.isOpen(this.#name, this)) return;
      store.outboxes.set(this.#name, { events: [...events, ...copies].slice(removed), state });
      store.writes += 1;
      store.had.push(...copies);
    })();
    return this.#last;
  }

  async close(): Promise<void> {
    await this.#last.catch(() => {});
    this.#store.release(this.#name, this);
  }
}
