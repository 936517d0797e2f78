import type { OutboxChanges, OutboxState, StoredEvent, StoredOutbox } from "../store.ts";
import { StoreError } from "../store-error.ts";

/** What is known of each outbox, by its name. */
const STATES = "states";
/** The events, by the name of their outbox and a number that grows. */
const EVENTS = "events";

/** Opens a database of outboxes, made if it is not there. Rejects with what the platform says. */
export function openDatabase(name: string): Promise<IDBDatabase> {
  const request = indexedDB.open(name, 1);
  request.addEventListener("upgradeneeded", () => {
    request.result.createObjectStore(STATES);
    request.result.createObjectStore(EVENTS);
  });
  // Somebody deletes it: what is written from then on fails.
  request.addEventListener("success", () => {
    const { result } = request;
    result.addEventListener("versionchange", () => result.close());
  });
  return resultOf(request);
}

/** Forgets all outboxes. */
export async function clearDatabase(database: IDBDatabase): Promise<void> {
  const transaction = begin(database, "readwrite");
  for (const store of [STATES, EVENTS]) transaction.objectStore(store).clear();
  await end(transaction);
}

/** One outbox in a database, where each write is a transaction. */
export class IndexedDBOutbox implements StoredOutbox {
  readonly events: readonly StoredEvent[];
  readonly state: OutboxState | undefined;
  readonly #database: IDBDatabase;
  readonly #name: string;
  readonly #onClose: () => void;
  /** The numbers of the first event, and of the one that comes next. */
  #first: number;
  #next: number;
  #isClosed = false;
  #failure: StoreError | undefined;
  #last: Promise<void> = Promise.resolve();

  private constructor(
    database: IDBDatabase,
    name: string,
    kept: { events: readonly StoredEvent[]; state: OutboxState | undefined; first: number },
    onClose: () => void,
  ) {
    this.#database = database;
    this.#name = name;
    this.events = kept.events;
    this.state = kept.state;
    this.#first = kept.first;
    this.#next = kept.first + kept.events.length;
    this.#onClose = onClose;
  }

  static async open(database: IDBDatabase, name: string, onClose: () => void): Promise<IndexedDBOutbox> {
    const transaction = begin(database, "readonly");
    const events = transaction.objectStore(EVENTS);
    // A list comes behind all numbers.
    const all = IDBKeyRange.bound([name], [name, []]);
    const [state, values, keys] = await Promise.all([
      resultOf<OutboxState | undefined>(transaction.objectStore(STATES).get(name)),
      resultOf<StoredEvent[]>(events.getAll(all)),
      resultOf(events.getAllKeys(all, 1)),
    ]);
    const [, first = 0] = (keys[0] ?? []) as [string?, number?];
    return new IndexedDBOutbox(database, name, { events: values, state, first }, onClose);
  }

  write(changes: OutboxChanges): Promise<void> {
    if (this.#isClosed) return Promise.reject(new StoreError("STORE_CLOSED", "The store is closed."));
    this.#last = this.#write(changes);
    return this.#last;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      await this.#last;
    } catch {
      // Whoever wrote was told.
    }
    this.#onClose();
  }

  async #write({ appended, removed, state }: OutboxChanges): Promise<void> {
    try {
      if (this.#failure !== undefined) throw this.#failure;
      const transaction = begin(this.#database, "readwrite");
      const events = transaction.objectStore(EVENTS);
      for (const { id, text, binary } of appended) {
        // Of a view, the platform would keep all that it is a view of.
        events.put({ id, text, binary: binary.map((each) => each.slice()) }, [this.#name, this.#next]);
        this.#next += 1;
      }
      const first = this.#first + removed;
      if (removed > 0)
        events.delete(IDBKeyRange.bound([this.#name, this.#first], [this.#name, first], false, true));
      this.#first = first;
      transaction.objectStore(STATES).put(state, this.#name);
      await end(transaction);
    } catch (error) {
      this.#failure ??= new StoreError("STORE_WRITE_FAILED", "The page's database keeps no more.", {
        cause: error,
      });
      throw this.#failure;
    }
  }
}

/** What is written is the operating system's when the transaction is complete: it need not be on the disk. */
function begin(database: IDBDatabase, mode: "readonly" | "readwrite"): IDBTransaction {
  return database.transaction([STATES, EVENTS], mode, { durability: "relaxed" });
}

function end(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.addEventListener("complete", () => resolve());
    transaction.addEventListener("abort", () => reject(transaction.error));
  });
}

function resultOf<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error));
  });
}
