import {
  closeSync,
  copyFileSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import type { OutboxChanges, OutboxState, StoredEvent, StoredOutbox } from "../store.ts";
import { StoreError } from "../store-error.ts";
import { type Contents, encodeRecord, FIRST_LINE, readContents } from "./file-format.ts";

/** A file is written anew when it has grown by so much beyond twice what it was when it was new, in bytes. */
const SLACK_BYTES = 256 * 1024;
/** What the copy of a damaged file has behind its name. */
const DAMAGED = ".damaged";

/**
 * One outbox in one file, to which each write appends a record. It is the operating system's when `write` returns: that is safe from the end of the process,
 * whatever its kind, and not from a loss of power.
 */
export class OutboxFile implements StoredOutbox {
  readonly events: readonly StoredEvent[];
  readonly state: OutboxState | undefined;
  readonly damage: StoreError | undefined;
  readonly #path: string;
  readonly #onClose: () => void;
  #file: number | undefined;
  #size: number;
  #maxSize: number;
  #failure: StoreError | undefined;

  /** Opens the file, made if it is not there, and cuts off what is not whole; what was whole once is set aside before. Throws what the operating system says, or a `StoreError`. */
  constructor(path: string, onClose: () => void) {
    this.#path = path;
    this.#onClose = onClose;
    this.#file = openSync(path, "a+");
    const { events, state, end, isDamaged } = this.#read();
    this.events = events;
    this.state = state;
    if (isDamaged) {
      copyFileSync(path, `${path}${DAMAGED}`);
      this.damage = damageOf(path);
      // Numbers that the server knows may have been lost.
      this.state = state && { ...state, seat: undefined, done: 0 };
    }
    this.#size = end;
    ftruncateSync(this.#file, end);
    if (end === 0) this.#append(FIRST_LINE);
    this.#maxSize = 2 * this.#size + SLACK_BYTES;
  }

  async write(changes: OutboxChanges): Promise<void> {
    if (this.#file === undefined)
      throw this.#failure ?? new StoreError("STORE_CLOSED", "The store is closed.");
    try {
      this.#append(encodeRecord(changes));
      if (this.#size > this.#maxSize) this.#compact();
    } catch (error) {
      const message = `"${this.#path}" can't be written.`;
      this.#failure = new StoreError("STORE_WRITE_FAILED", message, { cause: error });
      this.release();
      throw this.#failure;
    }
  }

  async close(): Promise<void> {
    this.release();
  }

  release(): void {
    if (this.#file === undefined) return;
    closeSync(this.#file);
    this.#file = undefined;
    this.#onClose();
  }

  #read(): Contents {
    const file = this.#file!;
    const bytes = new Uint8Array(fstatSync(file).size);
    let length = 0;
    for (let read = 1; read > 0; length += read)
      read = readSync(file, bytes, length, bytes.length - length, length);
    const contents = readContents(bytes.subarray(0, length));
    if (contents !== undefined) return contents;
    closeSync(file);
    throw new StoreError("STORE_OPEN_FAILED", `"${this.#path}" is no outbox of this version.`);
  }

  #append(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) at += writeSync(this.#file!, bytes, at);
    this.#size += bytes.length;
  }

  /** Writes a file without what is over, and puts it in the place of this one. */
  #compact(): void {
    const { events, state, isDamaged } = this.#read();
    if (isDamaged) throw damageOf(this.#path);
    const temporary = `${this.#path}.new`;
    writeFileSync(temporary, FIRST_LINE);
    closeSync(this.#file!);
    this.#file = openSync(temporary, "a+");
    this.#size = FIRST_LINE.length;
    this.#append(encodeRecord({ appended: events, removed: 0, state: state! }));
    renameSync(temporary, this.#path);
    this.#maxSize = 2 * this.#size + SLACK_BYTES;
  }
}

function damageOf(path: string): StoreError {
  return new StoreError("STORE_DAMAGED", `Not all of "${path}" can be read; see "${path}${DAMAGED}".`);
}
