import type { OutboxStore, StoredOutbox } from "../store.ts";
import { StoreError } from "../store-error.ts";
import { lockForPage } from "./page-lock.ts";
import { clearDatabase, IndexedDBOutbox, openDatabase } from "./stored-outbox.ts";

/** Options of {@link indexedDBStore}. */
export interface IndexedDBStoreOptions {
  /** Of the database, among those of the page's origin. One tab at a time has it: name it after the user, so that nobody sends what another has written. */
  readonly name: string;
}

/**
 * Keeps outboxes over reloads of a page, for the option `store` of `delivery`: in IndexedDB, with an outbox for each server and namespace. What is kept
 * survives the end of the page and of the browser; of a loss of power, what was written in the last seconds may not.
 *
 * Throws a `TypeError` if `name` is no text. What fails later is a `StoreError`: `STORE_IN_USE` if another tab, or another store of this one, has it;
 * `STORE_OPEN_FAILED` where there is no IndexedDB, or no Web Locks, as in pages without TLS; `STORE_WRITE_FAILED` if the quota is used up.
 *
 * @example
 * import { delivery, io } from "switchboard/client";
 * import { indexedDBStore } from "switchboard/client/indexeddb";
 *
 * const store = indexedDBStore({ name: `chat of ${user.id}` });
 * const socket = io("https://chat.example", { delivery: delivery({ store }) });
 *
 * async function logOut() {
 *   socket.disconnect();
 *   await store.clear();
 * }
 */
export function indexedDBStore(options: IndexedDBStoreOptions): OutboxStore {
  const { name } = options;
  if (typeof name !== "string" || name === "") throw new TypeError('The option "name" must name a database.');
  return new IndexedDBStore(`switchboard ${name}`);
}

/** What a store has as long as it has anything open. */
interface Place {
  readonly database: IDBDatabase;
  readonly unlock: () => void;
}

class IndexedDBStore implements OutboxStore {
  readonly #name: string;
  /** Those that are open, or about to be. */
  readonly #opened = new Map<string, Promise<IndexedDBOutbox>>();
  #place: Promise<Place> | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  async open(name: string): Promise<StoredOutbox> {
    if (this.#opened.has(name)) throw new StoreError("STORE_IN_USE", `"${name}" is open already.`);
    const forget = (): void => void this.#opened.delete(name);
    const opened = this.#take().then(({ database }) => IndexedDBOutbox.open(database, name, forget));
    this.#opened.set(name, opened);
    try {
      return await opened;
    } catch (error) {
      forget();
      throw openError(error);
    }
  }

  async clear(): Promise<void> {
    const place = this.#take();
    await this.#closeAll();
    try {
      await clearDatabase((await place).database);
    } catch (error) {
      throw openError(error);
    } finally {
      await this.close();
    }
  }

  async close(): Promise<void> {
    await this.#closeAll();
    const place = this.#place;
    this.#place = undefined;
    try {
      const taken = await place;
      taken?.database.close();
      taken?.unlock();
    } catch {
      // It was never open; whoever wanted it was told.
    }
  }

  async #closeAll(): Promise<void> {
    for (const opened of await Promise.allSettled(this.#opened.values())) {
      if (opened.status === "fulfilled") await opened.value.close();
    }
  }

  /** The database, for this page alone. */
  #take(): Promise<Place> {
    const take = async (): Promise<Place> => {
      const unlock = await lockForPage(this.#name);
      try {
        return { database: await openDatabase(this.#name), unlock };
      } catch (error) {
        unlock();
        throw error;
      }
    };
    if (this.#place !== undefined) return this.#place;
    const place = take();
    this.#place = place;
    // The next one who asks tries again.
    place.catch(() => {
      if (this.#place === place) this.#place = undefined;
    });
    return place;
  }
}

function openError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  return new StoreError("STORE_OPEN_FAILED", "The page's database can't be opened.", { cause: error });
}
