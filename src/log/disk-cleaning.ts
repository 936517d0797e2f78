import type { Database } from "./disk-database.ts";
import { type Chunk, chunkRange } from "./disk-format.ts";
import type { DiskNamespace } from "./disk-namespace.ts";
import type { Segments } from "./segments.ts";

/** Lets go of what is too old or too much, behind the back of those who append. */
export class DiskCleaning {
  readonly #segments: Segments<DiskNamespace>;
  readonly #onEmptied: (namespace: DiskNamespace) => void;
  readonly #onError: (error: unknown) => void;
  #work: Promise<void> = Promise.resolve();

  /** `onEmptied` is told of which namespaces something was let go of, `onError` what fails. */
  constructor(
    segments: Segments<DiskNamespace>,
    onEmptied: (namespace: DiskNamespace) => void,
    onError: (error: unknown) => void,
  ) {
    this.#segments = segments;
    this.#onEmptied = onEmptied;
    this.#onError = onError;
  }

  /** Resolves when nothing is left to do; never rejects. */
  get done(): Promise<void> {
    return this.#work;
  }

  /** Learns of what was committed. */
  add(namespace: DiskNamespace, { first, count, bytes, timeMs }: Chunk): void {
    this.#segments.add(namespace, first + count - 1, bytes, timeMs);
  }

  letGo(database: Database, nowMs: number): void {
    for (let old = this.#segments.takeOverdue(nowMs); old !== undefined;) {
      for (const [namespace, tail] of old.upTo) {
        const range = chunkRange(namespace.place, 0, tail + 1);
        namespace.forget(tail);
        this.afterwards(async () => {
          await database.clear(range);
          // Else the space would be given back at some later time.
          await database.compactRange(range.gte, range.lt);
        });
        this.#onEmptied(namespace);
      }
      old = this.#segments.takeOverdue(nowMs);
    }
  }

  /** Does what nobody waits for, one after the other. */
  afterwards(work: () => Promise<void>): void {
    this.#work = this.#work.then(work).catch(this.#onError);
  }
}
