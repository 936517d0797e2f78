import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { OutboxStore, StoredOutbox } from "../store.ts";
import { StoreError } from "../store-error.ts";
import { lockFolder } from "./folder-lock.ts";
import { OutboxFile } from "./outbox-file.ts";

const ENDING = ".outbox";

/** Options of {@link fileStore}. */
export interface FileStoreOptions {
  /** The folder, which is made if it is not there. One store at a time has it: of one user, in one process. */
  readonly path: string;
}

/**
 * Keeps outboxes over the end of a process, for the option `store` of `delivery` in Node: in a folder, with a file for each server and namespace. What is
 * kept survives any end of the process, `kill -9` too; of a loss of power, what was written in the last seconds may not. A record that was cut off is left
 * out. The folder is for processes of one machine, or of one container at a time.
 *
 * Throws a `TypeError` if `path` is no text. What fails later is a `StoreError`: `STORE_IN_USE` if another process, or another store, has the folder;
 * `STORE_OPEN_FAILED`, `STORE_WRITE_FAILED` with what the operating system says as `cause`.
 *
 * @example
 * import { delivery, io } from "switchboard/client";
 * import { fileStore } from "switchboard/client/file";
 *
 * const store = fileStore({ path: "./data/outbox" });
 * const socket = io("https://sensors.example", { delivery: delivery({ store }) });
 */
export function fileStore(options: FileStoreOptions): OutboxStore {
  const { path } = options;
  if (typeof path !== "string" || path === "") throw new TypeError('The option "path" must name a folder.');
  return new FileStore(path);
}

class FileStore implements OutboxStore {
  readonly #path: string;
  readonly #opened = new Map<string, OutboxFile>();
  #unlock: (() => void) | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  async open(name: string): Promise<StoredOutbox> {
    // Names are as long as those who write namespaces like.
    const file = `${createHash("sha256").update(name).digest("hex").slice(0, 32)}${ENDING}`;
    if (this.#opened.has(file)) throw new StoreError("STORE_IN_USE", `"${name}" is open already.`);
    return this.#guard(() => {
      this.#lock();
      const opened = new OutboxFile(join(this.#path, file), () => void this.#opened.delete(file));
      this.#opened.set(file, opened);
      return opened;
    });
  }

  async clear(): Promise<void> {
    this.#guard(() => {
      this.#lock();
      this.#release();
      for (const file of readdirSync(this.#path)) {
        if (file.includes(ENDING)) rmSync(join(this.#path, file), { force: true });
      }
      this.#unlockNow();
    });
  }

  async close(): Promise<void> {
    this.#release();
    this.#unlockNow();
  }

  #lock(): void {
    if (this.#unlock !== undefined) return;
    mkdirSync(this.#path, { recursive: true });
    this.#unlock = lockFolder(join(this.#path, "lock"));
  }

  #release(): void {
    for (const opened of this.#opened.values()) opened.release();
  }

  #unlockNow(): void {
    this.#unlock?.();
    this.#unlock = undefined;
  }

  #guard<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      if (error instanceof StoreError) throw error;
      throw new StoreError("STORE_OPEN_FAILED", `"${this.#path}" can't be read.`, { cause: error });
    }
  }
}
